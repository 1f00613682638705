-- The rows of a consolidated table of metadata, as the table eclipses has them.
--
-- The relation given has its columns under our names, NULL where the table lacks one.
SELECT DISTINCT
    TRY_CAST(eclipse AS INTEGER) AS eclipse,
    nullif(trim(plan_type::VARCHAR), '') AS plan_type,
    nullif(trim(plan_subtype::VARCHAR), '') AS plan_subtype,
    TRY_CAST(visit AS INTEGER) AS visit,
    TRY_CAST(plan_id AS INTEGER) AS plan_id,
    TRY_CAST(planned_legs AS INTEGER) AS planned_legs,
    eclipse_start::DOUBLE AS eclipse_start,
    eclipse_duration::DOUBLE AS eclipse_duration,
    nuv_det_on_time::DOUBLE AS nuv_det_on_time,
    fuv_det_on_time::DOUBLE AS fuv_det_on_time,
    nuv_det_temp::DOUBLE AS nuv_det_temp,
    fuv_det_temp::DOUBLE AS fuv_det_temp,
    nuv_tdc_temp::DOUBLE AS nuv_tdc_temp,
    fuv_tdc_temp::DOUBLE AS fuv_tdc_temp
FROM given
WHERE TRY_CAST(eclipse AS INTEGER) >= 1
ORDER BY eclipse;
