-- Exact exposure of any interval of a leg, t0 <= t < t1, from its ticks.
--
-- Pauses of $SHUTTER_GAP_MS ms or more between unflagged photons, and between these and the ends of the
-- interval, count as a closed shutter; the rest is multiplied by the live fraction.  A leg that is
-- not in the archive has no row.
--
-- parameters:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
--   t0        s        start of the interval, GALEX time
--   t1        s        its end, which does not belong to it
-- columns:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
--   t0        s        start, rounded to whole milliseconds
--   t1        s        end
--   unflagged          photons with flag 0, anywhere on the detector
--   raw_exposure  s    without closed shutter
--   exposure  s        and corrected for dead time
-- example:
--   SELECT exposure FROM exposure(23456, 'NUV', 0, 874361250, 874361260);
CREATE OR REPLACE MACRO exposure(eclipse, band, leg, t0, t1) AS TABLE
WITH span AS (
    SELECT
        chosen.eclipse,
        chosen.band,
        chosen.leg,
        checked_interval(t0, t1)[1] AS t0_ms,
        checked_interval(t0, t1)[2] AS t1_ms
    FROM rows_of('legs', [checked_whole(eclipse, 'eclipse')]) AS chosen
    WHERE
        chosen.eclipse = checked_whole(eclipse, 'eclipse') AND chosen.band = checked_band(band)
        AND chosen.leg = checked_whole(leg, 'leg')
),
counted AS (
    SELECT coalesce(sum(tick.unflagged), 0)::BIGINT AS unflagged
    FROM query('FROM ticks_of(' || legs_numbered_sql('ticks', eclipse, band, leg) || ')') AS tick
    WHERE
        tick.eclipse = checked_whole(eclipse, 'eclipse') AND tick.band = checked_band(band)
        AND tick.leg = checked_whole(leg, 'leg')
        AND tick.t_ms >= checked_interval(t0, t1)[1]
        AND tick.t_ms < checked_interval(t0, t1)[2]
),
opened AS (
    SELECT
        span.*,
        counted.unflagged,
        (
            span.t1_ms - span.t0_ms - (
                SELECT coalesce(sum(pause.length_ms), 0)
                FROM (
                    SELECT
                        least(gap.t1_ms, span.t1_ms) - greatest(gap.t0_ms, span.t0_ms) AS length_ms
                    FROM rows_of('shutter_gaps', [checked_whole(eclipse, 'eclipse')]) AS gap
                    WHERE
                        gap.eclipse = span.eclipse AND gap.band = span.band AND gap.leg = span.leg
                ) AS pause
                WHERE pause.length_ms >= $SHUTTER_GAP_MS
            )
        ) / 1000.0 AS raw_exposure
    FROM span, counted
)
SELECT
    opened.eclipse,
    opened.band,
    opened.leg,
    opened.t0_ms / 1000.0 AS t0,
    opened.t1_ms / 1000.0 AS t1,
    opened.unflagged,
    opened.raw_exposure,
    CASE
        WHEN opened.raw_exposure > 0
            THEN opened.raw_exposure
            * live_fraction(opened.unflagged / opened.raw_exposure, opened.band)
        ELSE 0
    END AS exposure
FROM opened;
