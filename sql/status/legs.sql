-- Legs that fulfil all conditions, by eclipse, band and leg, or the newest first.
--
-- parameters:
--   first_eclipse, last_eclipse    range of numbers; NULL: no bound
--   band                           NUV or FUV; NULL: both
--   calibration                    how the name of the calibration set begins; NULL: any
--   since                          earliest ingest, UTC; NULL: any
--   newest                         whether those that were ingested last come first
--   limit                          legs to list; NULL: all
SELECT *
FROM legs
WHERE
    ($first_eclipse IS NULL OR eclipse >= $first_eclipse)
    AND ($last_eclipse IS NULL OR eclipse <= $last_eclipse)
    AND ($band IS NULL OR band = $band)
    AND ($calibration IS NULL OR starts_with(calibration, $calibration))
    AND ($since IS NULL OR ingested_at >= $since)
ORDER BY
    CASE WHEN $newest THEN ingested_at END DESC,
    eclipse,
    band,
    leg
LIMIT $limit;
