-- A line of the index for each merged set of photons, as a leg has one: band, patch, line.
--
-- Its circle holds those of its legs; in the place of the number of a leg stands 'merged'.
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
            bounds_in_line(each.dec_min, each.dec_max, each.ra_min, each.ra_max),
            ';' ORDER BY each.part
        )
    ) AS line,
    any_value(each.path) AS path
FROM merged_files AS each
GROUP BY each.merged, each.band, each.patch, each.ra0, each.dec0, each.radius
ORDER BY each.patch, each.merged;
