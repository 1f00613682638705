-- Bands of eclipses whose last attempt to ingest failed, and why.
--
-- columns:
--   started_at  UTC     when the attempt began
--   eclipse             number of the eclipse
--   band                'NUV' or 'FUV'
--   message             why it failed
-- example:
--   gphoton-db query failed_ingests
SELECT
    started_at,
    eclipse,
    band,
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
ORDER BY started_at;
