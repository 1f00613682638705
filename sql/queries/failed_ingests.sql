-- Bands of eclipses whose last attempt to ingest failed, and why.
--
-- parameters:
--   first_eclipse := NULL    BIGINT           smallest number of an eclipse
--   last_eclipse := NULL     BIGINT           largest number
--   band := NULL             BAND             NUV or FUV; both if it is left out
--   since := NULL            TIMESTAMP  UTC   earliest attempt
-- columns:
--   started_at  UTC     when the attempt began
--   eclipse             number of the eclipse
--   band                'NUV' or 'FUV'
--   message             why it failed
-- example:
--   gphoton-db query failed_ingests --since 2026-01-31
SELECT
    started_at,
    eclipse,
    band,
    message
FROM failed_bands
WHERE
    ($first_eclipse IS NULL OR eclipse >= $first_eclipse)
    AND ($last_eclipse IS NULL OR eclipse <= $last_eclipse)
    AND ($band IS NULL OR band = $band)
    AND ($since IS NULL OR started_at >= $since)
ORDER BY started_at;
