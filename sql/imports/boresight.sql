-- The usable rows of a consolidated table of boresights, whose legs count from 1.
--
-- The relation given has its columns under our names, NULL where the table lacks one; all are
-- numbers.  A leg whose position is impossible is kept without one, for its start.
SELECT DISTINCT
    TRY_CAST(CASE WHEN eclipse::DOUBLE % 1 = 0 THEN eclipse END AS INTEGER) AS eclipse,
    TRY_CAST(CASE WHEN leg::DOUBLE % 1 = 0 THEN leg END AS INTEGER) AS leg,
    "start"::DOUBLE AS "time",
    CASE WHEN dec0 BETWEEN -90 AND 90 AND isfinite(ra0::DOUBLE) THEN ra0::DOUBLE END AS ra0,
    CASE WHEN dec0 BETWEEN -90 AND 90 AND isfinite(ra0::DOUBLE) THEN dec0::DOUBLE END AS dec0,
    CASE WHEN isfinite(roll0::DOUBLE) THEN roll0::DOUBLE END AS roll0
FROM given
WHERE
    TRY_CAST(CASE WHEN eclipse::DOUBLE % 1 = 0 THEN eclipse END AS INTEGER) >= 1
    AND TRY_CAST(CASE WHEN leg::DOUBLE % 1 = 0 THEN leg END AS INTEGER) >= 1
    AND isfinite("start"::DOUBLE)
ORDER BY eclipse, "time", leg;
