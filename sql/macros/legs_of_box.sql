-- Those of some legs that may have photons in a box, with the photon files that may.
--
-- parameters:
--   legs                  legs of indexed_legs(...)
--   ra           deg      right ascension of the middle of the box, -360 to 540
--   dec          deg      declination
--   half_width   deg      half of the extent in right ascension
--   half_height  deg      half of the extent in declination
-- returns:                list, as archive_legs('photons') has it
-- example:
--   SELECT legs_of_box(indexed_legs(''), 323.4928, -2.064, 0.1, 0.1);
CREATE OR REPLACE MACRO legs_of_box(legs, ra, "dec", half_width, half_height) AS files_near(
    leg_files_of(
        list_filter(
            legs,
            -- Photons in the detector's corners lie up to $CORNER_DEG deg outside of the exposed field.
            lambda each: abs("dec" - each[5]::DOUBLE)
            <= half_height + each[6]::DOUBLE + $CORNER_DEG
            AND abs((ra - each[4]::DOUBLE + 900) % 360 - 180)
            <= half_width + cone_half_width(each[5]::DOUBLE, 3600 * (each[6]::DOUBLE + $CORNER_DEG))
        ),
        'photons'
    ),
    ra,
    "dec",
    half_width,
    half_height
);
