-- Eclipses that have the legs of status/legs, which are the first so many of all that fulfil the
-- conditions: few files of the catalogue hold them.
--
-- parameters:
--   (all)                          those of status/legs
SELECT DISTINCT eclipse
FROM (
    SELECT
        eclipse,
        sum(n_legs) OVER (
            ORDER BY
                CASE WHEN $newest THEN ingested_at END DESC,
                eclipse,
                band
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) - n_legs AS n_before
    FROM band_totals
    WHERE
        ($first_eclipse IS NULL OR eclipse >= $first_eclipse)
        AND ($last_eclipse IS NULL OR eclipse <= $last_eclipse)
        AND ($band IS NULL OR band = $band)
        AND ($calibration IS NULL OR starts_with(calibration, $calibration))
        AND ($since IS NULL OR ingested_at >= $since)
)
WHERE $limit IS NULL OR n_before < $limit
ORDER BY eclipse;
