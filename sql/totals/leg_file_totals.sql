-- The rows of file_totals for the files of legs, from those of leg_files.
SELECT
    eclipse // $ECLIPSES_PER_BLOCK AS block,
    kind,
    count(*) AS n_files,
    sum(size_bytes)::BIGINT AS size_bytes
FROM leg_files
GROUP BY block, kind
ORDER BY block, kind;
