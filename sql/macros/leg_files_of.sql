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
        -- The bounds of each photon file; behind the ticks the seconds, which may stand for them.
        CASE
            WHEN kind = 'photons' THEN string_split(each[10], ';')
            WHEN kind = 'ticks' AND suffix(each[9], '+')
                THEN ['|' || file_of_leg('seconds', each) || '.parquet']
            ELSE ['']
        END,
        lambda bounds, part: concat(
            file_of_leg(kind, each),
            CASE kind WHEN 'photons' THEN '-' || (part - 1) END,
            '.parquet',
            bounds
        )
    )
);
