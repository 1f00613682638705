-- Events of the whole detector in some legs: what count_rate gives, once the legs are chosen.
--
-- parameters:
--   legs               legs chosen from archive_legs('ticks')
--   step      s        length of a bin, in whole milliseconds; NULL: one bin a leg
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
--   SELECT t0, event_rate FROM count_rate_of(legs_numbered('ticks', 23456, 'NUV', 0), 10);
CREATE OR REPLACE MACRO count_rate_of(legs, step) AS TABLE
WITH leg_bin AS MATERIALIZED (
    FROM leg_bins(legs, step)
),
counted AS (
    SELECT
        leg_bin.leg_key,
        (tick.t_ms - leg_bin.start_ms) // leg_bin.step_ms AS bin,
        sum(tick.events)::BIGINT AS events,
        sum(tick.unflagged)::BIGINT AS unflagged
    FROM ticks_of(legs) AS tick
    INNER JOIN leg_bin ON leg_bin.leg_key = leg_key(tick.eclipse, tick.band, tick.leg)
    WHERE tick.t_ms >= leg_bin.start_ms
    GROUP BY ALL
),
bin AS (
    SELECT
        leg_bin.*,
        unnest(range(leg_bin.n_bins)) AS bin
    FROM leg_bin
)
SELECT
    bin.eclipse,
    bin.band,
    bin.leg,
    (bin.start_ms + bin.bin * bin.step_ms) / 1000.0 AS t0,
    (bin.start_ms + (bin.bin + 1) * bin.step_ms) / 1000.0 AS t1,
    coalesce(counted.events, 0) AS events,
    coalesce(counted.unflagged, 0) AS unflagged,
    coalesce(counted.events, 0) * 1000.0 / bin.step_ms AS event_rate,
    coalesce(counted.unflagged, 0) * 1000.0 / bin.step_ms AS unflagged_rate
FROM bin
LEFT JOIN counted USING (leg_key, bin)
ORDER BY ALL;
