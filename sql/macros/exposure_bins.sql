-- Exact exposure of a leg bin by bin; bins as those of lightcurve.
--
-- parameters:
--   eclipse            number of the eclipse; NULL: all
--   band               'NUV' or 'FUV'; NULL: both
--   leg                number, from 0; NULL: all
--   step      s        length of a bin, in whole milliseconds, no column; NULL: one bin a leg
-- columns:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
--   t0        s        start of the bin, GALEX time
--   t1        s        end of the bin, which does not belong to it
--   unflagged          photons with flag 0, anywhere on the detector
--   raw_exposure  s    without closed shutter
--   exposure  s        and corrected for dead time
-- example:
--   SELECT t0, t1, exposure FROM exposure_bins(23456, 'NUV', 0, step := 60);
CREATE OR REPLACE MACRO exposure_bins(eclipse, band, leg, step := 30) AS TABLE
SELECT
    bin.eclipse,
    bin.band,
    bin.leg,
    bin.t0_ms / 1000.0 AS t0,
    bin.t1_ms / 1000.0 AS t1,
    bin.unflagged,
    bin.raw_exposure,
    bin.exposure
FROM eclipse_exposure(eclipse, band, leg, step) AS bin
ORDER BY ALL;
