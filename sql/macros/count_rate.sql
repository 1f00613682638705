-- Events of a whole detector bin by bin; bins as those of lightcurve.
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
--   events             all photons, flagged ones included
--   unflagged          those with flag 0
--   event_rate  1/s    all photons a second, as the clock counts seconds
--   unflagged_rate  1/s  those with flag 0
-- example:
--   SELECT t0, event_rate FROM count_rate(23456, 'NUV', 0, step := 10);
CREATE OR REPLACE MACRO count_rate(eclipse, band, leg, step := 1) AS TABLE
FROM query(concat(
    'FROM count_rate_of(',
    legs_numbered_sql('ticks', eclipse, band, leg),
    ', ',
    step_sql(step),
    ')'
));
