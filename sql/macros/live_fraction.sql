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
    WHEN 'NUV' THEN -0.000434730599193::DOUBLE / 77.217817988::DOUBLE
    WHEN 'FUV' THEN -0.000408075976406::DOUBLE / 76.3000943221::DOUBLE
END;
