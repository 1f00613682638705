-- What the archive holds, by band and calibration, and in all: legs, eclipses, exposure, photons.
--
-- The first row is the sum of the others; its band and calibration are NULL. Conditions that are
-- given leave out legs, and what is left out is in no row.
--
-- parameters:
--   first_eclipse := NULL    BIGINT           smallest number of an eclipse
--   last_eclipse := NULL     BIGINT           largest number
--   band := NULL             BAND             NUV or FUV; both if it is left out
--   calibration := NULL      VARCHAR          how the name of the calibration set begins
--   since := NULL            TIMESTAMP  UTC   earliest ingest
-- columns:
--   band                'NUV' or 'FUV'; NULL: all together
--   calibration         name of the calibration set; NULL: all together
--   n_eclipses          eclipses
--   n_legs              legs
--   exposure     s      sum of the legs' exposures, corrected for dead time
--   n_photons           photons, flagged ones included
--   n_unflagged         those with flag 0
--   photon_bytes  byte  photon files
--   size_bytes   byte   photon, tick and aspect files
-- example:
--   gphoton-db query archive_totals --band NUV
SELECT
    band,
    calibration,
    count(DISTINCT eclipse) AS n_eclipses,
    coalesce(sum(n_legs), 0)::BIGINT AS n_legs,
    coalesce(sum(exposure), 0) AS exposure,
    coalesce(sum(n_photons), 0) AS n_photons,
    coalesce(sum(n_unflagged), 0) AS n_unflagged,
    coalesce(sum(photon_bytes), 0) AS photon_bytes,
    coalesce(sum(size_bytes), 0) AS size_bytes
FROM band_totals
WHERE
    ($first_eclipse IS NULL OR eclipse >= $first_eclipse)
    AND ($last_eclipse IS NULL OR eclipse <= $last_eclipse)
    AND ($band IS NULL OR band = $band)
    AND ($calibration IS NULL OR starts_with(calibration, $calibration))
    AND ($since IS NULL OR ingested_at >= $since)
-- The empty set is all together: a row even where there is nothing.
GROUP BY GROUPING SETS ((band, calibration), ())
ORDER BY band NULLS FIRST, calibration;
