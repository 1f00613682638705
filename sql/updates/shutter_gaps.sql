-- Pauses of a closed shutter (table shutter_gaps) of the legs that have none yet (the relation
-- unknown), from their ticks files.
INSERT INTO shutter_gaps
WITH good AS (
    SELECT
        filename,
        t_ms,
        lag(t_ms) OVER (PARTITION BY filename ORDER BY t_ms) AS before_ms
    FROM read_parquet($paths, filename = true, hive_partitioning = false)
    WHERE unflagged > 0
),
pause AS (
    SELECT filename, before_ms AS t0_ms, t_ms AS t1_ms
    FROM good
    WHERE before_ms IS NULL OR t_ms - before_ms >= $SHUTTER_GAP_MS
    UNION ALL
    SELECT filename, max(t_ms), NULL
    FROM good
    GROUP BY filename
)
SELECT leg.eclipse, leg.band, leg.leg, leg.generation, pause.t0_ms, pause.t1_ms
FROM unknown AS leg
-- Without any unflagged photon there is one pause, without start and end.
LEFT JOIN pause ON pause.filename = leg.path
ORDER BY leg.eclipse, leg.band, leg.leg, pause.t1_ms;
