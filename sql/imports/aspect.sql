-- The usable attitude of a consolidated table.
--
-- The relation given has its columns under our names, NULL where the table lacks one; all are
-- numbers.  A row without a flag is part of the observation when a detector is at voltage.
SELECT
    TRY_CAST(CASE WHEN eclipse::DOUBLE % 1 = 0 THEN eclipse END AS INTEGER) AS eclipse,
    "time"::DOUBLE AS "time",
    ra::DOUBLE AS ra,
    "dec"::DOUBLE AS "dec",
    roll::DOUBLE AS roll,
    coalesce(
        TRY_CAST(CASE WHEN flags::DOUBLE % 1 = 0 THEN flags END AS INTEGER), CASE WHEN hvnom_nuv = 1 OR hvnom_fuv = 1 THEN 0 ELSE 1 END
    ) AS flags
FROM given
WHERE
    TRY_CAST(CASE WHEN eclipse::DOUBLE % 1 = 0 THEN eclipse END AS INTEGER) >= 1
    AND isfinite("time"::DOUBLE)
    AND isfinite(ra::DOUBLE)
    AND "dec" BETWEEN -90 AND 90
    AND isfinite(roll::DOUBLE)
ORDER BY eclipse, "time";
