-- Files of the archive by kind, as the catalogue lists them: how many, and their size.
--
-- Files with sources and photometry, which are small, have no size in the catalogue.
--
-- columns:
--   kind                photons, ticks, aspect, or products (in the archive's folder)
--   n_files             files
--   size_bytes  byte    their size
-- example:
--   gphoton-db query archive_sizes
SELECT
    kind,
    sum(n_files)::BIGINT AS n_files,
    sum(size_bytes) AS size_bytes
FROM file_totals
GROUP BY kind
ORDER BY size_bytes DESC, kind;
