-- The rows of a consolidated table of metadata, as the table eclipses has them.
--
-- The relation given has its columns under our names, NULL where the table lacks one.
SELECT DISTINCT
    TRY_CAST(CASE WHEN eclipse::DOUBLE % 1 = 0 THEN eclipse END AS INTEGER) AS eclipse,
    nullif(trim(plan_type::VARCHAR), '') AS plan_type,
    nullif(trim(plan_subtype::VARCHAR), '') AS plan_subtype,
    TRY_CAST(CASE WHEN visit::DOUBLE % 1 = 0 THEN visit END AS INTEGER) AS visit,
    TRY_CAST(CASE WHEN plan_id::DOUBLE % 1 = 0 THEN plan_id END AS INTEGER) AS plan_id,
    TRY_CAST(CASE WHEN planned_legs::DOUBLE % 1 = 0 THEN planned_legs END AS INTEGER) AS planned_legs,
    eclipse_start::DOUBLE AS eclipse_start,
    eclipse_duration::DOUBLE AS eclipse_duration,
    nuv_det_on_time::DOUBLE AS nuv_det_on_time,
    fuv_det_on_time::DOUBLE AS fuv_det_on_time,
    nuv_det_temp::DOUBLE AS nuv_det_temp,
    fuv_det_temp::DOUBLE AS fuv_det_temp,
    nuv_tdc_temp::DOUBLE AS nuv_tdc_temp,
    fuv_tdc_temp::DOUBLE AS fuv_tdc_temp
FROM given
WHERE TRY_CAST(CASE WHEN eclipse::DOUBLE % 1 = 0 THEN eclipse END AS INTEGER) >= 1
ORDER BY eclipse;
