-- Rows of legs, of all eclipses of which a leg comes near a position; other legs are among them.
--
-- parameters:
--   ra        deg      right ascension, -180 to 360
--   dec       deg      declination
--   reach     arcsec   how far from the circle about the boresight the position may be
-- columns:
--   (all)              the columns of legs
-- example:
--   SELECT eclipse, band, leg, exposure FROM visits_near(323.4928, -2.064, 0);
CREATE OR REPLACE MACRO visits_near(ra, "dec", reach) AS TABLE
FROM query(CASE
    WHEN checked_position(ra, "dec")
        -- An arcsecond more: who reads the rows asks again.
        THEN 'FROM rows_of(''legs'', ' || eclipses_near_sql(ra, "dec", reach + 1) || ')'
END);
