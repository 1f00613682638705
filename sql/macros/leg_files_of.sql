-- Legs of the index with the paths of their files, which follow from key and generation.
--
-- parameters:
--   legs               legs chosen from indexed_legs(...)
--   kind               'photons', 'ticks' or 'aspect'
-- returns:             list, as archive_legs(kind) has it
-- example:
--   SELECT leg_files_of(indexed_legs('500 NUV 0 3.5 -2.1 0.64 874100896995 113995 3ea1abfcba09 '), 'ticks');
CREATE OR REPLACE MACRO leg_files_of(legs, kind) AS list_transform(
    legs,
    lambda each: each[:7]
    || [coalesce((try_cast(each[7] AS BIGINT) + try_cast(each[8] AS BIGINT))::VARCHAR, '')]
    || list_transform(
        -- The bounds of each photon file; files of other kinds have none.
        CASE kind WHEN 'photons' THEN string_split(each[10], ';') ELSE [''] END,
        lambda bounds, part: concat(
            format('{}/band={}/eclipse={}/leg={}/{}', kind, each[2], each[1], each[3], each[9]),
            CASE kind WHEN 'photons' THEN '-' || (part - 1) END,
            '.parquet',
            bounds
        )
    )
);
