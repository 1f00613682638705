-- Light curves of many positions at once, in one pass over the photons of an eclipse.
--
-- As lightcurve, but without background.  Give the name of a table or view with columns ra and
-- dec, in deg, or of a subquery in WITH.  A thousand positions in one visit take about as long as
-- a few; with eclipse NULL every photon of the archive is read.
--
-- parameters:
--   positions          name of a table, view or subquery with columns ra and dec, as text
--   eclipse            number of the eclipse; NULL: all
--   band               'NUV' or 'FUV'; NULL: both
--   radius    arcsec   of the apertures, above 0 and up to 120
--   step      s        length of a bin, in whole milliseconds, no column; NULL: one bin a visit
-- columns:
--   ra        deg      the position, 0 to 360
--   dec       deg      the position
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
--   t0        s        start of the bin, GALEX time
--   t1        s        end of the bin, which does not belong to it
--   exposure  s        exposure, corrected for dead time
--   counts             photons in the aperture
--   flat_counts        sum of their weights, 1 / response
--   cps       1/s      flat_counts / exposure
--   cps_err   1/s      its error
--   mag       mag      AB magnitude, without aperture correction
--   mag_err_1  mag     how much brighter it is one error up
--   mag_err_2  mag     how much fainter one error down
--   detrad    pixel    mean distance from the detector's centre
--   hotspot            whether a photon lies on a detector hotspot
-- example:
--   WITH positions AS (FROM (VALUES (323.4928, -2.064), (323.6, -2.1)) AS listed(ra, dec))
--   SELECT * FROM lightcurves('positions', 23456, radius := 12.8, step := 300);
CREATE OR REPLACE MACRO lightcurves(
    positions, eclipse, band := NULL, radius := 12.8, step := NULL
) AS TABLE
-- By name: a radius need not be known before the query runs, as what is in the text must be.
WITH given AS (
    SELECT radius AS radius
)
FROM query(concat(
    'FROM lightcurves_of(',
    legs_numbered_sql('photons', eclipse, band, NULL),
    ', ',
    legs_numbered_sql('ticks', eclipse, band, NULL),
    ', ',
    text_sql(positions),
    ', (SELECT given.radius FROM given), ',
    step_sql(step),
    ')'
));
