-- The fraction of time in which the detector is not dead.
--
-- The mission's model of the rate of its electronic stims, which get lost as photons do.
--
-- parameters:
--   rate      1/s      unflagged photons a second of open shutter
--   band               'NUV' or 'FUV', in capitals
-- returns:             fraction, 1 for rate 0
-- example:
--   SELECT live_fraction(10000, 'NUV');
CREATE OR REPLACE MACRO live_fraction(rate, band) AS 1 + rate * CASE band
    WHEN 'NUV' THEN $NUV_DEAD_TIME_SLOPE::DOUBLE / $NUV_DEAD_TIME_INTERCEPT::DOUBLE
    WHEN 'FUV' THEN $FUV_DEAD_TIME_SLOPE::DOUBLE / $FUV_DEAD_TIME_INTERCEPT::DOUBLE
END;
