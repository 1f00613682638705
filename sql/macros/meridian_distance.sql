-- How far a direction is from a stretch of a meridian.
--
-- parameters:
--   ra        deg      right ascension of the direction
--   dec       deg      its declination
--   meridian  deg      right ascension of the stretch
--   dec_min   deg      its lower end
--   dec_max   deg      its upper end
-- returns:  arcsec     great-circle distance from the nearest point of the stretch
-- example:
--   SELECT meridian_distance(323.3, -2.05, 323.4, -2.1, -2.0);
CREATE OR REPLACE MACRO meridian_distance(ra, "dec", meridian, dec_min, dec_max) AS least(
    separation(ra, "dec", meridian, dec_min),
    separation(ra, "dec", meridian, dec_max),
    -- Where the great circle that meets the meridian at right angles ends, if in the stretch.
    separation(
        ra,
        "dec",
        meridian,
        least(
            greatest(
                degrees(
                    atan2(sin(radians("dec")), cos(radians("dec")) * cos(radians(ra - meridian)))
                ),
                dec_min
            ),
            dec_max
        )
    )
);
