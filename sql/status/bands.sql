-- Eclipses that have the legs of status/legs: few files of the catalogue hold them.
--
-- Those of the first so many bands of eclipses that fulfil the conditions, as each has a leg.
--
-- parameters:
--   first_eclipse, last_eclipse    range of numbers; NULL: no bound
--   band                           NUV or FUV; NULL: both
--   calibration                    how the name of the calibration set begins; NULL: any
--   since                          earliest ingest, UTC; NULL: any
--   newest                         whether those that were ingested last come first
--   limit                          bands to look at; NULL: all
SELECT DISTINCT eclipse
FROM (
    SELECT eclipse
    FROM band_totals
    WHERE
        ($first_eclipse IS NULL OR eclipse >= $first_eclipse)
        AND ($last_eclipse IS NULL OR eclipse <= $last_eclipse)
        AND ($band IS NULL OR band = $band)
        AND ($calibration IS NULL OR starts_with(calibration, $calibration))
        AND ($since IS NULL OR ingested_at >= $since)
    ORDER BY
        CASE WHEN $newest THEN ingested_at END DESC,
        eclipse,
        band
    LIMIT $limit
)
ORDER BY eclipse;
