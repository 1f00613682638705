-- The rows of file_totals for products, from those of products.
SELECT
    coalesce(eclipse // $ECLIPSES_PER_BLOCK, -1) AS block,
    'products' AS kind,
    count(*) AS n_files,
    sum(size_bytes)::BIGINT AS size_bytes
FROM products
-- Those elsewhere have the whole path.
WHERE NOT starts_with(path, '/')
GROUP BY block
ORDER BY block;
