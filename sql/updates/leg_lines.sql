-- Lines of the index for the legs of some eclipses ($eclipses, a list; NULL: all), and the patches of
-- the sky that they are in.
--
-- Paths follow from key and generation, and stand in no line; unnamed is one that does not.
-- A plus behind the generation: there is a file of seconds, too.
-- Bounds of photon files are rounded outwards to 1/100 deg, and left out where one file has all.
WITH chosen_leg AS (
    FROM rows_of('legs', $eclipses)
),
file AS (
    SELECT
        each.eclipse,
        each.band,
        each.leg,
        each.part,
        each.path,
        each.kind,
        each.kind = 'photons' AS of_photons,
        concat(
            each.kind,
            '/band=',
            each.band,
            '/eclipse=',
            each.eclipse,
            '/leg=',
            each.leg,
            '/',
            leg.generation,
            CASE WHEN of_photons THEN '-' || each.part END,
            '.parquet'
        ) AS name,
        CASE
            -- Photons without a position, which are in files of their own, are near nowhere.
            WHEN each.cell_min IS NULL THEN '|0|-1000|0|-1000'
            WHEN each.ra_min IS NULL THEN ''
            ELSE bounds_in_line(each.dec_min, each.dec_max, each.ra_min, each.ra_max)
        END AS bounds
    FROM rows_of('leg_files', $eclipses) AS each
    INNER JOIN chosen_leg AS leg USING (eclipse, band, leg)
),
leg_file AS (
    SELECT
        eclipse,
        band,
        leg,
        coalesce(string_agg(bounds, ';' ORDER BY part) FILTER (of_photons), '') AS all_bounds,
        -- One file is looked at wherever its leg is, unless it has no positions.
        CASE
            WHEN count(*) FILTER (of_photons) > 1 OR contains(all_bounds, '-1000') THEN all_bounds
            ELSE ''
        END AS bounds,
        bool_or(kind = 'seconds') AS has_seconds,
        any_value(path) FILTER (path <> name) AS unnamed
    FROM file
    GROUP BY eclipse, band, leg
),
timed AS (
    SELECT
        leg.*,
        leg_file.bounds,
        leg_file.unnamed,
        CASE
            WHEN leg.radius > $PATCH_REACH_DEG THEN $WIDE_PATCH
            ELSE sky_patches(leg.ra0, leg.dec0, 0, 0)[1]
        END AS patch,
        round(leg.photon_t0 * 1000)::BIGINT AS start_ms,
        concat_ws(
            ' ',
            coalesce(start_ms::VARCHAR, ''),
            coalesce((round(leg.photon_t1 * 1000)::BIGINT - start_ms)::VARCHAR, ''),
            leg.generation || CASE WHEN leg_file.has_seconds THEN '+' ELSE '' END,
            leg_file.bounds
        ) AS times_and_files
    FROM chosen_leg AS leg
    INNER JOIN leg_file USING (eclipse, band, leg)
)
SELECT
    eclipse,
    band,
    patch,
    concat_ws(' ', eclipse, band, leg, ra0, dec0, radius, times_and_files) AS line,
    unnamed
FROM timed
ORDER BY eclipse, band, leg;
