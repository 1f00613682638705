-- All legs with their boresight in a box, as SQL: those of the patches that the box touches.
--
-- parameters:
--   ra           deg      right ascension of the middle of the box, -360 to 540
--   dec          deg      declination
--   half_width   deg      half of the extent in right ascension
--   half_height  deg      half of the extent in declination
-- returns:                text, SQL of a list as indexed_legs(lines) has it, with others too
-- example:
--   SELECT found_patches_sql(323.4928, -2.064, 0.1, 0.1);
CREATE OR REPLACE MACRO found_patches_sql(ra, "dec", half_width, half_height) AS lines_sql(
    list_filter(
        -- A little more: sums of angles are rounded.
        sky_patches(ra, "dec", half_width + 1e-6, half_height + 1e-6) || [$WIDE_PATCH],
        lambda patch: contains(indexed_patches(), concat(' ', patch, ' '))
    ),
    NULL
);
