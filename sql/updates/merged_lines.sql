-- A line of the index for each merged set of photons, as a leg has one: band, patch, line.
--
-- Its circle holds those of its legs; in the place of the number of a leg stands 'merged'.
-- Bounds of files are rounded outwards to 1/100 deg, as those of legs.
SELECT
    each.patch,
    concat_ws(
        ' ',
        each.merged,
        each.band,
        'merged',
        each.ra0,
        each.dec0,
        each.radius,
        '',
        '',
        each.merged,
        string_agg(
            concat(
                '|',
                (ceil(100 * each.dec_max + 0.01) + floor(100 * each.dec_min - 0.01)) / 200,
                '|',
                (ceil(100 * each.dec_max + 0.01) - floor(100 * each.dec_min - 0.01)) / 200,
                '|',
                (ceil(100 * each.ra_max + 0.01) + floor(100 * each.ra_min - 0.01)) / 200,
                '|',
                (ceil(100 * each.ra_max + 0.01) - floor(100 * each.ra_min - 0.01)) / 200
            ),
            ';' ORDER BY each.part
        )
    ) AS line,
    any_value(each.path) AS path
FROM merged_files AS each
GROUP BY each.merged, each.band, each.patch, each.ra0, each.dec0, each.radius
ORDER BY each.patch, each.merged;
