-- Pauses of a closed shutter (table shutter_gaps) of one leg, from its ticks file $path.
INSERT INTO shutter_gaps
WITH good AS (
    SELECT
        t_ms,
        lag(t_ms) OVER (ORDER BY t_ms) AS before_ms
    FROM read_parquet($path, hive_partitioning = false)
    WHERE unflagged > 0
),
pause AS (
    SELECT before_ms AS t0_ms, t_ms AS t1_ms
    FROM good
    WHERE before_ms IS NULL OR t_ms - before_ms >= $SHUTTER_GAP_MS
    UNION ALL
    -- Without any unflagged photon this is a pause without start and end.
    SELECT max(t_ms), NULL
    FROM good
)
SELECT $eclipse, $band, $leg, $generation, t0_ms, t1_ms
FROM pause
ORDER BY t1_ms;
