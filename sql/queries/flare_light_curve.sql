-- Light curve of a star, and how far each bin is above the quiet level of its visit.
--
-- The quiet level is the median rate of the visit and band; sigma is the distance from it in errors
-- of the bin, and flare says where that is above the threshold. Bins without exposure have
-- neither.
--
-- parameters:
--   ra                   DOUBLE  deg     right ascension of the star
--   dec                  DOUBLE  deg     declination of the star
--   radius := 12.8       DOUBLE  arcsec  radius of the aperture
--   step := 30           DOUBLE  s       length of a bin
--   band := NULL         BAND            NUV or FUV; both if it is left out
--   threshold := 5       DOUBLE          errors above the quiet level that make a flare
-- columns:
--   eclipse             number of the eclipse
--   band                'NUV' or 'FUV'
--   leg                 number, from 0
--   start    timestamp  start of the bin, UTC
--   exposure  s         exposure, corrected for dead time
--   counts              photons in the aperture
--   cps      1/s        count rate
--   cps_err  1/s        its error
--   mag      mag        AB magnitude
--   quiet    1/s        median rate of the visit
--   sigma               errors above it
--   flare               whether that is above the threshold
--   flags               warnings: lightcurve_flag_names(flags)
-- example:
--   gphoton-db query flare_light_curve --ra 323.4928 --dec -2.064 --step 10
WITH curve AS (
    SELECT
        *,
        median(cps) OVER (PARTITION BY eclipse, band, leg) AS quiet
    FROM lightcurve($ra, $dec, radius := $radius, step := $step, band := $band)
)
SELECT
    eclipse,
    band,
    leg,
    galex_to_utc(t0) AS start,
    exposure,
    counts,
    cps,
    cps_err,
    mag,
    quiet,
    (cps - quiet) / nullif(cps_err, 0) AS sigma,
    cps - quiet > $threshold * cps_err AS flare,
    flags
FROM curve
ORDER BY eclipse, band, leg, t0;
