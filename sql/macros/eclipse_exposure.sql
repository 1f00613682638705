-- Exact exposure of every bin of some legs of an eclipse, from their ticks.
--
-- As binned_exposure, but only the legs of the eclipse's block are looked at.
--
-- parameters:
--   eclipse            number of the eclipse; NULL: all
--   band               'NUV' or 'FUV'; NULL: both
--   leg                number, from 0; NULL: all
--   step      s        length of a bin, in whole milliseconds; NULL: one bin a leg
-- columns:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
--   leg_key            leg_key(eclipse, band, leg)
--   bin                number of the bin, from 0
--   t0_ms     ms       start of the bin, GALEX time
--   t1_ms     ms       end of the bin, which does not belong to it
--   unflagged          photons with flag 0, anywhere on the detector
--   raw_exposure  s    without closed shutter
--   exposure  s        and corrected for dead time
-- example:
--   SELECT bin, exposure FROM eclipse_exposure(23456, 'NUV', 0, 60);
CREATE OR REPLACE MACRO eclipse_exposure(eclipse, band, leg, step) AS TABLE
FROM query(concat(
    'FROM binned_exposure(',
    legs_numbered_sql('ticks', eclipse, band, leg),
    ', ',
    step_sql(step),
    ')'
));
