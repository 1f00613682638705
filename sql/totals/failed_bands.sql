-- The rows of failed_bands, from those of ingests.
SELECT
    eclipse,
    band,
    started_at,
    message
FROM ingests AS failed
WHERE outcome = 'failed'
    AND NOT EXISTS (
        SELECT 1
        FROM ingests AS later
        WHERE later.eclipse = failed.eclipse
            AND later.band = failed.band
            AND later.started_at > failed.started_at
    )
ORDER BY eclipse, band;
