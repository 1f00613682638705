-- What the archive holds of each band: eclipses, legs, exposure, photons, size.
--
-- columns:
--   band                'NUV' or 'FUV'
--   n_eclipses          eclipses
--   n_legs              legs
--   exposure  s         sum of the legs' exposures, corrected for dead time
--   n_photons           photons, flagged ones included
--   n_unflagged         those with flag 0
--   size_bytes  byte    photon files
-- example:
--   gphoton-db query exposure_per_band
SELECT
    band,
    count(DISTINCT eclipse) AS n_eclipses,
    sum(n_legs)::BIGINT AS n_legs,
    sum(exposure) AS exposure,
    sum(n_photons) AS n_photons,
    sum(n_unflagged) AS n_unflagged,
    sum(photon_bytes) AS size_bytes
FROM band_totals
GROUP BY band
ORDER BY band;
