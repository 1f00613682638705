-- The text in the macro archive_legs: one line a leg with its key, its circle on the sky, its first
-- and last photon, and its files of a kind with their bounds.
--
-- DuckDB writes the lines: with 50,000 legs, rows in Python took longer than all else of a commit.
WITH files AS (
    SELECT
        file.eclipse,
        file.band,
        file.leg,
        string_agg(
            CASE
                -- Photons without a position, which are in files of their own, are near nowhere.
                WHEN file.kind = 'photons' AND file.cell_min IS NULL
                    THEN file.path || '|0|-1000|0|-1000'
                ELSE concat_ws(
                    '|',
                    file.path,
                    (file.dec_min + file.dec_max) / 2,
                    (file.dec_max - file.dec_min) / 2 + 1e-9,
                    (file.ra_min + file.ra_max) / 2,
                    (file.ra_max - file.ra_min) / 2 + 1e-9
                )
            END,
            chr(9) ORDER BY file.part
        ) AS paths
    FROM leg_files AS file
    WHERE file.kind = $kind
    GROUP BY ALL
)
SELECT
    coalesce(string_agg(
        concat_ws(
            chr(9),
            leg.eclipse,
            leg.band,
            leg.leg,
            leg.ra0,
            leg.dec0,
            leg.radius,
            coalesce(round(leg.photon_t0 * 1000)::BIGINT::VARCHAR, ''),
            coalesce(round(leg.photon_t1 * 1000)::BIGINT::VARCHAR, ''),
            files.paths
        ),
        chr(10) ORDER BY leg.eclipse, leg.band, leg.leg
    ), '') AS lines
FROM legs AS leg
INNER JOIN files USING (eclipse, band, leg);
