-- AB magnitude of a count rate; NULL for a rate that is not positive.
--
-- Zero points of Morrissey et al. (2007): NUV $NUV_ZERO_POINT, FUV $FUV_ZERO_POINT.
--
-- parameters:
--   cps       1/s      counts a second, corrected for the detector's response
--   band               'NUV' or 'FUV'
-- returns:  mag        AB magnitude
-- example:
--   SELECT cps_to_mag(100, 'NUV');
CREATE OR REPLACE MACRO cps_to_mag(cps, band) AS
    zero_point(checked_band(band)) - magnitudes(cps);
