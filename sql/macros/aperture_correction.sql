-- What an aperture misses of a point source: subtract it from the aperture's magnitude.
--
-- Linear between the values of Morrissey et al. (2007) at
-- $CORRECTION_RADII arcsec; NULL outside of them, where nothing
-- was measured.
--
-- parameters:
--   radius    arcsec   of the aperture
--   band               'NUV' or 'FUV'
-- returns:  mag        correction
-- example:
--   SELECT aperture_correction(12.8, 'NUV');
CREATE OR REPLACE MACRO aperture_correction(radius, band) AS interpolated(
    radius::DOUBLE,
    [$CORRECTION_RADII]::DOUBLE[],
    CASE checked_band(band)
        WHEN 'NUV' THEN [$NUV_APERTURE_CORRECTION]::DOUBLE[]
        WHEN 'FUV' THEN [$FUV_APERTURE_CORRECTION]::DOUBLE[]
    END
);
