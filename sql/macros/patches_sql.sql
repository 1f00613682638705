-- All legs with their boresight in a box, as SQL.
--
-- In an archive of a few patches of the sky it is all legs, for to find the patches takes longer.
-- A commit says which: $near_patches.
--
-- parameters:
--   ra           deg      right ascension of the middle of the box, -360 to 540
--   dec          deg      declination
--   half_width   deg      half of the extent in right ascension
--   half_height  deg      half of the extent in declination
-- returns:                text, SQL of a list as indexed_legs(lines) has it, with others too
-- example:
--   SELECT patches_sql(323.4928, -2.064, 0.1, 0.1);
CREATE OR REPLACE MACRO patches_sql(ra, "dec", half_width, half_height) AS
    -- found_patches_sql(ra, "dec", half_width, half_height), or a text.
    $near_patches;
