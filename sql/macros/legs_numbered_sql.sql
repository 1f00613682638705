-- The legs of an eclipse, as SQL; NULL for the band or the leg stands for all of them.
--
-- As legs_numbered, but only those of the patches of the sky that the eclipse saw are looked at.
--
-- parameters:
--   kind               'photons', 'ticks' or 'aspect'
--   eclipse            number; NULL for all eclipses
--   band               'NUV', 'FUV' or NULL
--   leg                number, from 0, or NULL
-- returns:             text, SQL of a list as archive_legs(kind) has it
-- example:
--   SELECT legs_numbered_sql('ticks', 23456, 'NUV', 0);
CREATE OR REPLACE MACRO legs_numbered_sql(kind, eclipse, band, leg) AS concat(
    'legs_of_number(',
    lines_sql(
        regexp_extract_all(
            CASE
                WHEN eclipse IS NULL THEN indexed_patches()
                ELSE regexp_extract(
                    indexed_eclipses(),
                    concat('\n', checked_whole(eclipse, 'eclipse'), ' ([\d ]+)'),
                    1
                )
            END,
            '\d+'
        ),
        checked_whole(eclipse, 'eclipse')
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
