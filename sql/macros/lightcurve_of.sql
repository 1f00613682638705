-- Light curve of a position in some legs: what lightcurve gives, once the legs are chosen.
--
-- parameters:
--   photon_legs        legs chosen from archive_legs('photons'); those not in tick_legs are left out
--   tick_legs          legs chosen from archive_legs('ticks'): those that have bins
--   cells              first and last cell of the sky that the photons are looked for in: cone_cells
--   ra        deg      right ascension of the centre, -180 to 360
--   dec       deg      declination of the centre
--   radius    arcsec   of the aperture
--   step      s        length of a bin, in whole milliseconds; NULL: one bin a leg
--   inner     arcsec   of the annulus that measures the background; NULL: none
--   outer     arcsec   of the annulus
-- columns:
--   (all)              the columns of lightcurve
-- example:
--   FROM lightcurve_of(
--       legs_numbered('photons', 23456, NULL, NULL), legs_numbered('ticks', 23456, NULL, NULL),
--       cone_cells(323.4928, -2.064, 12.8), 323.4928, -2.064, 12.8, 30, NULL, NULL
--   );
CREATE OR REPLACE MACRO lightcurve_of(
    photon_legs, tick_legs, cells, ra, "dec", radius, step, "inner", "outer"
) AS TABLE
WITH bin AS MATERIALIZED (
    FROM binned_exposure(tick_legs, step)
),
-- On its own, and without filters on more columns: each would be decoded for every photon in the
-- row groups, a hundred thousand at a time, and not for those in the box alone.
placed AS MATERIALIZED (
    SELECT
        each.*,
        1 / each.response::DOUBLE AS weight,
        haversine(ra, "dec", each.ra, each.dec) AS haversine,
        each.flags = 0 AND each.response > 0 AND each.detrad < $ON_DETECTOR_PIXELS AS good
    FROM photons_of(
        files_near(
            photon_legs,
            ra,
            "dec",
            cone_half_width("dec", greatest(radius, "outer")),
            greatest(radius, "outer") / 3600.0
        )
    ) AS each
    WHERE
        each.cell BETWEEN (cells)[1] AND (cells)[2]
        AND each.dec BETWEEN "dec" - greatest(radius, "outer") / 3600.0
        AND "dec" + greatest(radius, "outer") / 3600.0
        AND each.ra BETWEEN cone_ra_min(ra, "dec", greatest(radius, "outer"))
        AND cone_ra_max(ra, "dec", greatest(radius, "outer"))
),
photon AS (
    SELECT
        placed.*,
        first_bin.leg_key,
        (placed.t_ms - first_bin.t0_ms) // (first_bin.t1_ms - first_bin.t0_ms) AS bin,
        placed.good AND placed.haversine <= sin(radians(radius / 3600.0) / 2) ^ 2 AS inside,
        placed.good AND placed.haversine > sin(radians("inner" / 3600.0) / 2) ^ 2
        AND placed.haversine <= sin(radians("outer" / 3600.0) / 2) ^ 2 AS around
    FROM placed
    INNER JOIN bin AS first_bin
        ON first_bin.leg_key = leg_key(placed.eclipse, placed.band, placed.leg)
        AND first_bin.bin = 0
    WHERE placed.t_ms >= first_bin.t0_ms
),
measured AS (
    SELECT
        photon.leg_key,
        photon.bin,
        count(*) FILTER (photon.inside) AS counts,
        sum(photon.weight) FILTER (photon.inside) AS flat_counts,
        sum(photon.weight * photon.weight) FILTER (photon.inside) AS variance,
        bool_or(photon.mask) FILTER (photon.inside) AS hotspot,
        bool_or(photon.detrad > $WIDE_EDGE_PIXELS) FILTER (photon.inside) AS edge,
        -- A DOUBLE, because the limit as a FLOAT is another number.
        bool_or(photon.response::DOUBLE < $LOW_RESPONSE) FILTER (photon.inside) AS low_response,
        -- $OFF_AXIS_DEG deg is $OFF_AXIS_PIXELS of the detector's pixels, $PIXEL_ARCSEC arcsec each.
        bool_or(photon.detrad > $OFF_AXIS_PIXELS) FILTER (photon.inside) AS off_axis,
        count(*) FILTER (photon.around) AS bg_counts,
        sum(photon.weight) FILTER (photon.around) AS bg_flat_counts,
        sum(photon.weight * photon.weight) FILTER (photon.around) AS bg_variance,
        bool_or(photon.mask) FILTER (photon.around) AS bg_hotspot,
        bool_or(photon.detrad > $WIDE_EDGE_PIXELS) FILTER (photon.around) AS bg_edge,
        avg(photon.t_ms) FILTER (photon.inside) / 1000 AS t_mean,
        min(photon.t_ms) FILTER (photon.inside) / 1000 AS t0_data,
        max(photon.t_ms) FILTER (photon.inside) / 1000 AS t1_data,
        avg(photon.response) FILTER (photon.inside) AS responses,
        avg(photon.col) FILTER (photon.inside) AS detxs,
        avg(photon.row) FILTER (photon.inside) AS detys,
        avg(photon.detrad) FILTER (photon.inside) AS detrad,
        avg(photon.q) FILTER (photon.inside) AS q,
        -- Means of unit vectors, which know neither RA 0 nor poles.
        avg(cos(radians(photon.dec)) * cos(radians(photon.ra))) FILTER (photon.inside) AS x,
        avg(cos(radians(photon.dec)) * sin(radians(photon.ra))) FILTER (photon.inside) AS y,
        avg(sin(radians(photon.dec))) FILTER (photon.inside) AS z
    FROM photon
    GROUP BY photon.leg_key, photon.bin
),
summed AS (
    SELECT
        bin.t0_ms / 1000.0 AS t0,
        bin.t1_ms / 1000.0 AS t1,
        bin.exposure,
        measured.* EXCLUDE (leg_key, bin, counts, flat_counts, bg_counts, bg_flat_counts),
        bin.eclipse,
        bin.band,
        bin.leg,
        bin.bin AS number,
        coalesce(measured.counts, 0) AS counts,
        coalesce(measured.flat_counts, 0) AS flat_counts,
        CASE WHEN "outer" > 0 THEN coalesce(measured.bg_counts, 0) END AS bg_counts,
        CASE WHEN "outer" > 0 THEN coalesce(measured.bg_flat_counts, 0) END AS bg_flat_counts,
        radius::DOUBLE ^ 2 / ("outer"::DOUBLE ^ 2 - "inner"::DOUBLE ^ 2) AS area_ratio,
        CASE WHEN "outer" > 0 THEN coalesce(measured.bg_flat_counts, 0) END * area_ratio AS bg
    FROM bin
    LEFT JOIN measured USING (leg_key, bin)
),
rated AS (
    SELECT
        summed.*,
        summed.flat_counts / nullif(summed.exposure, 0) AS cps,
        sqrt(coalesce(summed.variance, 0)) / nullif(summed.exposure, 0) AS cps_err,
        (summed.flat_counts - summed.bg) / nullif(summed.exposure, 0) AS cps_bgsub,
        sqrt(
            coalesce(summed.variance, 0) + coalesce(summed.bg_variance, 0) * summed.area_ratio ^ 2
        ) / nullif(summed.exposure, 0) AS cps_bgsub_err,
        zero_point(summed.band) AS zero_point,
        unit_flux(summed.band) AS unit_flux
    FROM summed
)
SELECT
    rated.eclipse,
    rated.band,
    rated.leg,
    rated.t0,
    rated.t1,
    coalesce(rated.t_mean, (rated.t0 + rated.t1) / 2) AS t_mean,
    rated.t0_data,
    rated.t1_data,
    rated.exposure,
    rated.counts,
    rated.flat_counts,
    rated.bg_counts,
    rated.bg_flat_counts,
    rated.bg,
    rated.cps,
    rated.cps_err,
    rated.cps_bgsub,
    rated.cps_bgsub_err,
    rated.cps * rated.unit_flux AS flux,
    rated.cps_err * rated.unit_flux AS flux_err,
    rated.cps_bgsub * rated.unit_flux AS flux_bgsub,
    rated.cps_bgsub_err * rated.unit_flux AS flux_bgsub_err,
    rated.zero_point - magnitudes(rated.cps) AS mag,
    magnitudes(1 + rated.cps_err / nullif(rated.cps, 0)) AS mag_err_1,
    -magnitudes(1 - rated.cps_err / nullif(rated.cps, 0)) AS mag_err_2,
    rated.zero_point - magnitudes(rated.cps_bgsub) AS mag_bgsub,
    CASE WHEN rated.cps_bgsub > 0
        THEN magnitudes(1 + rated.cps_bgsub_err / rated.cps_bgsub)
    END AS mag_bgsub_err_1,
    CASE WHEN rated.cps_bgsub > 0
        THEN -magnitudes(1 - rated.cps_bgsub_err / rated.cps_bgsub)
    END AS mag_bgsub_err_2,
    rated.responses,
    rated.detxs,
    rated.detys,
    rated.detrad,
    (degrees(atan2(rated.y, rated.x)) + 360) % 360 AS racent,
    degrees(atan2(rated.z, sqrt(rated.x ^ 2 + rated.y ^ 2))) AS deccent,
    (
        coalesce(rated.hotspot, false)::INTEGER
        + 2 * coalesce(rated.edge, false)::INTEGER
        + 4 * (rated.exposure < (rated.t1 - rated.t0) / 2)::INTEGER
        + 8 * coalesce(rated.low_response, false)::INTEGER
        + 16 * coalesce(rated.cps > nonlinear_rate(rated.band), false)::INTEGER
        + 32 * coalesce(rated.off_axis, false)::INTEGER
        + 64 * coalesce(rated.bg_hotspot, false)::INTEGER
        + 128 * coalesce(rated.bg_edge, false)::INTEGER
    )::UTINYINT AS flags,
    (
        2 * coalesce(rated.cps + rated.cps_err > nonlinear_rate(rated.band), false)::INTEGER
        + 4 * coalesce(rated.q < $LOW_PULSE_HEIGHT, false)::INTEGER
        + 32 * coalesce(rated.responses < $LOW_RESPONSE, false)::INTEGER
        + 64 * coalesce(rated.detrad > $OFF_AXIS_PIXELS, false)::INTEGER
        + 128 * (
            rated.band = 'FUV' AND rated.number < $RAMP_UP_BINS
            AND rated.eclipse BETWEEN $RAMP_UP_FIRST AND $RAMP_UP_LAST
        )::INTEGER
    )::UTINYINT AS warnings
FROM rated
ORDER BY rated.band, rated.t0;
