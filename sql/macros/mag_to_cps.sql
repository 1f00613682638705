-- Count rate of an AB magnitude.
--
-- Zero points of Morrissey et al. (2007): NUV $NUV_ZERO_POINT, FUV $FUV_ZERO_POINT.
--
-- parameters:
--   mag       mag      AB magnitude
--   band               'NUV' or 'FUV'
-- returns:  1/s        counts a second, corrected for the detector's response
-- example:
--   SELECT mag_to_cps(15.08, 'NUV');
CREATE OR REPLACE MACRO mag_to_cps(mag, band) AS
    10 ^ (0.4::DOUBLE * (zero_point(checked_band(band)) - mag));
