-- Light curve of a position with one row a visit.
--
-- The same as lightcurve with step := NULL: from the first to the last unflagged photon of a leg.
--
-- parameters:
--   ra        deg      right ascension of the centre, -180 to 360
--   dec       deg      declination of the centre
--   radius    arcsec   of the aperture, above 0 and up to $LARGEST_APERTURE_ARCSEC
--   band               'NUV' or 'FUV'; NULL: both
--   inner     arcsec   of the annulus that measures the background, radius or more; NULL: none
--   outer     arcsec   of the annulus
-- columns:
--   (all)              the columns of lightcurve
-- example:
--   SELECT eclipse, band, exposure, mag FROM visit_lightcurve(323.4928, -2.064);
CREATE OR REPLACE MACRO visit_lightcurve(
    ra, "dec", radius := 12.8, band := NULL, "inner" := NULL, "outer" := NULL
) AS TABLE
FROM lightcurve(
    ra,
    "dec",
    radius := radius,
    step := NULL,
    band := band,
    "inner" := "inner",
    "outer" := "outer"
);
