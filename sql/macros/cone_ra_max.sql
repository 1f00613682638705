-- A right ascension above all of a cone; 360 for a cone across RA 0 or over a pole.
--
-- parameters:
--   ra        deg      right ascension of the centre, -180 to 360
--   dec       deg      declination of the centre
--   radius    arcsec   radius of the cone
-- returns:  deg        upper bound, 0 to 360
-- example:
--   SELECT cone_ra_max(323.4928, -2.064, 12.8);
CREATE OR REPLACE MACRO cone_ra_max(ra, "dec", radius) AS CASE
    WHEN positive_ra(ra) >= cone_half_width("dec", radius)
        THEN least(positive_ra(ra) + cone_half_width("dec", radius), 360)
    ELSE 360
END;
