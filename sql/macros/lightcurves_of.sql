-- Light curves of many positions in some legs: what lightcurves gives, once the legs are chosen.
--
-- parameters:
--   photon_legs        legs chosen from archive_legs('photons'); those not in tick_legs are left out
--   tick_legs          legs chosen from archive_legs('ticks'): those that have bins
--   positions          name of a table, view or subquery with columns ra and dec, as text
--   radius    arcsec   of the apertures, above 0 and up to 120
--   step      s        length of a bin, in whole milliseconds; NULL: one bin a leg
-- columns:
--   (all)              the columns of lightcurves
-- example:
--   WITH positions AS (FROM (VALUES (323.4928, -2.064), (323.6, -2.1)) AS listed(ra, dec))
--   FROM lightcurves_of(
--       legs_numbered('photons', 23456, 'NUV', NULL), legs_numbered('ticks', 23456, 'NUV', NULL),
--       'positions', 12.8, 300
--   );
CREATE OR REPLACE MACRO lightcurves_of(
    photon_legs, tick_legs, positions, radius, step
) AS TABLE
WITH bin AS MATERIALIZED (
    FROM binned_exposure(tick_legs, step)
),
first_bin AS (
    SELECT
        bin.eclipse,
        bin.band,
        bin.leg,
        bin.t0_ms AS start_ms,
        bin.t1_ms - bin.t0_ms AS step_ms,
        field.ra0,
        field.dec0,
        field.radius
    FROM bin
    INNER JOIN read_parquet(
        segment_paths('legs', list_transform(tick_legs, lambda each: each[1]::INTEGER)),
        hive_partitioning = false
    ) AS field USING (eclipse, band, leg)
    WHERE bin.bin = 0
),
covered AS MATERIALIZED (
    FROM cells_around(positions, radius)
),
source AS (
    SELECT DISTINCT
        covered.ra,
        covered.dec
    FROM covered
),
near AS (
    SELECT
        covered.ra,
        covered.dec,
        each.eclipse,
        each.band,
        each.leg,
        each.t_ms,
        each.response,
        each.col,
        each.row,
        each.mask,
        -- Not a filter: each would decode one more column of all photons, those far away too.
        haversine(covered.ra, covered.dec, each.ra, each.dec)
        <= sin(radians(radius / 3600.0) / 2) ^ 2
        AND each.flags = 0 AND each.response > 0
        -- The square of detrad, which photons far away have no need of.
        AND (each.col::DOUBLE - $DETECTOR_CENTRE) * (each.col::DOUBLE - $DETECTOR_CENTRE)
        + (each.row::DOUBLE - $DETECTOR_CENTRE) * (each.row::DOUBLE - $DETECTOR_CENTRE) < $ON_DETECTOR_PIXELS * $ON_DETECTOR_PIXELS AS inside
    FROM photons_of(photon_legs) AS each
    INNER JOIN covered
        ON each.cell = covered.cell
        AND each.dec BETWEEN covered.dec - radius / 3600.0 AND covered.dec + radius / 3600.0
),
measured AS (
    SELECT
        near.ra,
        near.dec,
        near.eclipse,
        near.band,
        near.leg,
        (near.t_ms - first_bin.start_ms) // first_bin.step_ms AS bin,
        count(*) AS counts,
        sum(1 / near.response::DOUBLE) AS flat_counts,
        sum(1 / near.response::DOUBLE / near.response::DOUBLE) AS variance,
        avg(sqrt((near.col::DOUBLE - $DETECTOR_CENTRE) ^ 2 + (near.row::DOUBLE - $DETECTOR_CENTRE) ^ 2)) AS detrad,
        bool_or(near.mask) AS hotspot
    FROM near
    INNER JOIN first_bin
        ON near.eclipse = first_bin.eclipse AND near.band = first_bin.band
        AND near.leg = first_bin.leg
        AND CASE WHEN near.inside THEN near.t_ms END >= first_bin.start_ms
    GROUP BY ALL
),
seen AS (
    SELECT
        source.ra,
        source.dec,
        first_bin.eclipse,
        first_bin.band,
        first_bin.leg
    FROM source
    INNER JOIN first_bin
        ON haversine(source.ra, source.dec, first_bin.ra0, first_bin.dec0)
        <= sin(radians(first_bin.radius) / 2) ^ 2
),
rated AS (
    SELECT
        seen.ra,
        seen.dec,
        seen.eclipse,
        seen.band,
        seen.leg,
        bin.t0_ms / 1000.0 AS t0,
        bin.t1_ms / 1000.0 AS t1,
        bin.exposure,
        coalesce(measured.counts, 0) AS counts,
        coalesce(measured.flat_counts, 0) AS flat_counts,
        coalesce(measured.flat_counts, 0) / nullif(bin.exposure, 0) AS cps,
        sqrt(coalesce(measured.variance, 0)) / nullif(bin.exposure, 0) AS cps_err,
        measured.detrad,
        coalesce(measured.hotspot, false) AS hotspot
    FROM seen
    INNER JOIN bin USING (eclipse, band, leg)
    LEFT JOIN measured USING (ra, "dec", eclipse, band, leg, bin)
)
SELECT
    rated.ra,
    rated.dec,
    rated.eclipse,
    rated.band,
    rated.leg,
    rated.t0,
    rated.t1,
    rated.exposure,
    rated.counts,
    rated.flat_counts,
    rated.cps,
    rated.cps_err,
    zero_point(rated.band) - magnitudes(rated.cps) AS mag,
    magnitudes(1 + rated.cps_err / nullif(rated.cps, 0)) AS mag_err_1,
    -magnitudes(1 - rated.cps_err / nullif(rated.cps, 0)) AS mag_err_2,
    rated.detrad,
    rated.hotspot
FROM rated
ORDER BY rated.ra, rated.dec, rated.band, rated.t0;
