-- Exact exposure of every bin of some legs, from their ticks.
--
-- Pauses of $SHUTTER_GAP_MS ms or more between unflagged photons, and between these and the ends of
-- the bin, count as a closed shutter; the rest is multiplied by the live fraction (see
-- docs/specification.md, 'Exposure time', spec-exposure).
-- The pauses of each leg are in the table shutter_gaps; what lies in a bin of a gap that crosses
-- its ends is a pause of its own, and counts when it is long enough.
--
-- parameters:
--   legs               legs chosen from archive_legs('ticks')
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
--   SELECT bin, exposure FROM binned_exposure(legs_numbered('ticks', 23456, 'NUV', 0), 60);
CREATE OR REPLACE MACRO binned_exposure(legs, step) AS TABLE
WITH leg_bin AS MATERIALIZED (
    FROM leg_bins(legs, step)
),
pause AS (
    SELECT
        leg_bin.*,
        greatest(gap.t0_ms - leg_bin.start_ms, 0) AS from_ms,
        least(gap.t1_ms - leg_bin.start_ms, leg_bin.n_bins * leg_bin.step_ms) AS to_ms,
        unnest(range(from_ms // leg_bin.step_ms, (to_ms - 1) // leg_bin.step_ms + 1)) AS bin
    FROM leg_bin
    INNER JOIN read_parquet(
        segment_paths('shutter_gaps', list_transform(legs, lambda each: each[1]::INTEGER)),
        hive_partitioning = false
    ) AS gap USING (eclipse, band, leg)
),
counted AS (
    SELECT
        leg_bin.leg_key,
        (tick.t_ms - leg_bin.start_ms) // leg_bin.step_ms AS bin,
        sum(tick.unflagged)::BIGINT AS unflagged
    FROM ticks_of(ticks_or_seconds(legs, step)) AS tick
    INNER JOIN leg_bin ON leg_bin.leg_key = leg_key(tick.eclipse, tick.band, tick.leg)
    WHERE tick.t_ms >= leg_bin.start_ms
    GROUP BY ALL
),
closed AS (
    SELECT
        part.leg_key,
        part.bin,
        sum(part.length_ms)::BIGINT AS closed_ms
    FROM (
        SELECT
            pause.leg_key,
            pause.bin,
            least(pause.to_ms, (pause.bin + 1) * pause.step_ms)
            - greatest(pause.from_ms, pause.bin * pause.step_ms) AS length_ms
        FROM pause
    ) AS part
    WHERE part.length_ms >= $SHUTTER_GAP_MS
    GROUP BY ALL
),
bin AS (
    SELECT
        leg_bin.*,
        unnest(range(leg_bin.n_bins)) AS bin
    FROM leg_bin
)
SELECT
    opened.*,
    CASE
        WHEN opened.raw_exposure > 0
            THEN opened.raw_exposure
            * live_fraction(opened.unflagged / opened.raw_exposure, opened.band)
        ELSE 0
    END AS exposure
FROM (
    SELECT
        bin.eclipse,
        bin.band,
        bin.leg,
        bin.leg_key,
        bin.bin,
        bin.start_ms + bin.bin * bin.step_ms AS t0_ms,
        t0_ms + bin.step_ms AS t1_ms,
        coalesce(counted.unflagged, 0) AS unflagged,
        (bin.step_ms - coalesce(closed.closed_ms, 0)) / 1000.0 AS raw_exposure
    FROM bin
    LEFT JOIN counted USING (leg_key, bin)
    LEFT JOIN closed USING (leg_key, bin)
) AS opened;
