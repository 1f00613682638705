-- The rows of band_totals, from those of legs and leg_files.
WITH each_leg AS (
    SELECT
        eclipse,
        band,
        leg,
        sum(size_bytes) AS file_bytes
    FROM leg_files
    GROUP BY eclipse, band, leg
)
SELECT
    legs.eclipse,
    legs.band,
    any_value(legs.calibration) AS calibration,
    max(legs.ingested_at) AS ingested_at,
    count(*) AS n_legs,
    sum(legs.exposure) AS exposure,
    sum(legs.n_photons)::BIGINT AS n_photons,
    sum(legs.n_unflagged)::BIGINT AS n_unflagged,
    sum(legs.size_bytes)::BIGINT AS photon_bytes,
    coalesce(sum(each_leg.file_bytes), 0)::BIGINT AS size_bytes
FROM legs
LEFT JOIN each_leg USING (eclipse, band, leg)
GROUP BY legs.eclipse, legs.band
ORDER BY legs.eclipse, legs.band;
