-- What is said of eclipses (the relation noted) joins what the catalogue knows of them.
--
-- parameters:
--   by_ingest    whether an ingest says it, whose word counts for most
INSERT OR REPLACE INTO eclipses BY NAME
SELECT
    eclipse,
    -- The first that is not NULL.
    arg_min(COLUMNS(* EXCLUDE (eclipse, rank)), rank)
FROM (
    SELECT
        known.*,
        -- Of an eclipse that was ingested, what the ingest knew stays.
        CASE WHEN known.eclipse IN (SELECT eclipse FROM legs) THEN 1 ELSE 3 END AS rank
    FROM eclipses AS known
    WHERE known.eclipse IN (SELECT eclipse FROM noted)
    UNION ALL BY NAME
    SELECT
        noted.*,
        CASE WHEN $by_ingest THEN 0 ELSE 2 END AS rank
    FROM noted
)
GROUP BY eclipse;
