-- A right ascension below all of a cone; 0 for a cone across RA 0 or over a pole.
--
-- parameters:
--   ra        deg      right ascension of the centre, -180 to 360
--   dec       deg      declination of the centre
--   radius    arcsec   radius of the cone
-- returns:  deg        lower bound, 0 to 360
-- example:
--   SELECT cone_ra_min(323.4928, -2.064, 12.8);
CREATE OR REPLACE MACRO cone_ra_min(ra, "dec", radius) AS CASE
    WHEN positive_ra(ra) + cone_half_width("dec", radius) < 360
        THEN greatest(positive_ra(ra) - cone_half_width("dec", radius), 0)
    ELSE 0
END;
