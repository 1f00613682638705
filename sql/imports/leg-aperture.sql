-- The regions of a consolidated table of apertures: polygons in well-known binary, legs from 1.
--
-- The relation given has its columns under our names.
SELECT
    TRY_CAST(CASE WHEN eclipse::DOUBLE % 1 = 0 THEN eclipse END AS INTEGER) AS eclipse,
    TRY_CAST(CASE WHEN leg::DOUBLE % 1 = 0 THEN leg END AS INTEGER) AS leg,
    partial::BLOB AS partial,
    full_400::BLOB AS full_400,
    full_370::BLOB AS full_370,
    full_350::BLOB AS full_350
FROM given
WHERE
    TRY_CAST(CASE WHEN eclipse::DOUBLE % 1 = 0 THEN eclipse END AS INTEGER) >= 1
    AND TRY_CAST(CASE WHEN leg::DOUBLE % 1 = 0 THEN leg END AS INTEGER) >= 1
    AND partial IS NOT NULL
ORDER BY eclipse, leg;
