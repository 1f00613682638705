-- The same legs with those of their files only that may have photons in a box about a position.
--
-- A leg's photons lie in several files, by their place on the sky.  A file whose bounds are not
-- known may have any.
--
-- parameters:
--   legs                  legs chosen from archive_legs('photons')
--   ra           deg      right ascension of the middle of the box, -360 to 540
--   dec          deg      declination
--   half_width   deg      half of the extent in right ascension
--   half_height  deg      half of the extent in declination
-- returns:                list, as archive_legs(kind) has it
-- example:
--   SELECT len(files_near(archive_legs('photons'), 323.4928, -2.064, 0.1, 0.1)) AS legs;
CREATE OR REPLACE MACRO files_near(legs, ra, "dec", half_width, half_height) AS list_transform(
    legs,
    lambda each: each[:8] || list_filter(
        each[9:],
        lambda file: coalesce(
            abs("dec" - try_cast(split_part(file, '|', 2) AS DOUBLE))
            <= half_height + try_cast(split_part(file, '|', 3) AS DOUBLE)
            AND abs((ra - try_cast(split_part(file, '|', 4) AS DOUBLE) + 900) % 360 - 180)
            <= half_width + try_cast(split_part(file, '|', 5) AS DOUBLE),
            true
        )
    )
);
