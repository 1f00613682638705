-- The legs of an eclipse, as SQL; NULL for the band or the leg stands for all of them.
--
-- As legs_numbered, but only those of the eclipse's block are looked at.
--
-- parameters:
--   kind               'photons', 'ticks' or 'aspect'
--   eclipse            number; NULL for all eclipses
--   band               'NUV', 'FUV' or NULL
--   leg                number, from 0, or NULL
-- returns:             text, SQL of a list as archive_legs(kind) has it, but without positions
-- example:
--   SELECT legs_numbered_sql('ticks', 23456, 'NUV', 0);
CREATE OR REPLACE MACRO legs_numbered_sql(kind, eclipse, band, leg) AS concat(
    'legs_of_number(',
    lines_sql(
        'block',
        regexp_extract_all(
            indexed_blocks(),
            coalesce(
                ' (' || (checked_whole(eclipse, 'eclipse') // $ECLIPSES_PER_BLOCK) || ') ', '(\d+)'
            ),
            1
        )
    ),
    ', ''',
    kind,
    ''', ',
    coalesce(checked_whole(eclipse, 'eclipse')::VARCHAR, 'NULL'),
    ', ',
    band_sql(band),
    ', ',
    coalesce(checked_whole(leg, 'leg')::VARCHAR, 'NULL'),
    ')'
);
