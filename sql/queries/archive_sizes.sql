-- Files of the archive by kind, as the catalogue lists them: how many, and their size.
--
-- Files with sources and photometry, which are small, have no size in the catalogue.
--
-- columns:
--   kind                photons, ticks, aspect, seconds, merged (photons of deep fields once more), or
--                       products (in the archive's folder)
--   n_files             files
--   size_bytes  byte    their size
-- example:
--   gphoton-db query archive_sizes
WITH every_kind AS (
    SELECT kind, n_files, size_bytes
    FROM file_totals
    UNION ALL
    SELECT 'merged' AS kind, 1 AS n_files, size_bytes
    FROM merged_files
    UNION ALL
    SELECT 'merged' AS kind, 1 AS n_files, size_bytes
    FROM merged_tables
)
SELECT
    kind,
    sum(n_files)::BIGINT AS n_files,
    sum(size_bytes) AS size_bytes
FROM every_kind
GROUP BY kind
ORDER BY size_bytes DESC, kind;
