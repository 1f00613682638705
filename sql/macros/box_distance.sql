-- How far a direction is from a range of right ascension and declination; 0 in it.
--
-- The nearest point of the box lies straight above or below, or on one of its sides in right
-- ascension: at a corner, or where the great circle from the direction meets it at right angles.
--
-- parameters:
--   ra        deg      right ascension of the direction, -180 to 360
--   dec       deg      its declination
--   ra_min    deg      lower bound, -180 to 360
--   ra_max    deg      upper bound; below ra_min for a box across RA 0
--   dec_min   deg      lower bound
--   dec_max   deg      upper bound
-- returns:  arcsec     great-circle distance from the nearest point of the box
-- example:
--   SELECT box_distance(323.3, -2.05, 323.4, 323.6, -2.1, -2.0);
CREATE OR REPLACE MACRO box_distance(ra, "dec", ra_min, ra_max, dec_min, dec_max) AS CASE
    WHEN positive_ra(positive_ra(ra) - positive_ra(ra_min)) <= box_width(ra_min, ra_max)
        THEN 3600 * greatest(dec_min - "dec", "dec" - dec_max, 0)
    ELSE least(
        meridian_distance(ra, "dec", ra_min, dec_min, dec_max),
        meridian_distance(ra, "dec", ra_max, dec_min, dec_max)
    )
END;
