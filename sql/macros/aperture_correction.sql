-- What an aperture misses of a point source: subtract it from the aperture's magnitude.
--
-- Linear between the values of Morrissey et al. (2007) at 1.5, 2.3, 3.8, 6.0, 9.0, 12.8, 17.3, 30,
-- 60 and 90 arcsec; NULL outside of them, where nothing was measured.
--
-- parameters:
--   radius    arcsec   of the aperture
--   band               'NUV' or 'FUV'
-- returns:  mag        correction
-- example:
--   SELECT aperture_correction(12.8, 'NUV');
CREATE OR REPLACE MACRO aperture_correction(radius, band) AS interpolated(
    radius::DOUBLE,
    [1.5, 2.3, 3.8, 6.0, 9.0, 12.8, 17.3, 30, 60, 90]::DOUBLE[],
    CASE checked_band(band)
        WHEN 'NUV' THEN [2.09, 1.33, 0.59, 0.23, 0.13, 0.09, 0.07, 0.04, 0.00, -0.01]::DOUBLE[]
        WHEN 'FUV' THEN [1.65, 0.96, 0.36, 0.15, 0.10, 0.09, 0.07, 0.06, 0.03, 0.01]::DOUBLE[]
    END
);
