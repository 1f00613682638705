-- Legs of some patches of the sky, as SQL.
--
-- parameters:
--   patches            list of the numbers of patches with legs
--   eclipse            number; NULL for all eclipses
-- returns:             text, SQL of a list as indexed_legs(lines) has it; in the order of eclipse,
--                      band and leg
-- example:
--   SELECT lines_sql([831, 832], NULL);
CREATE OR REPLACE MACRO lines_sql(patches, eclipse) AS list_transform(
    [patches],
    lambda chosen: concat(
        -- The lines of one patch are in order.
        CASE WHEN len(chosen) > 1 THEN 'legs_in_order' END,
        '(indexed_legs(',
        CASE WHEN eclipse IS NOT NULL THEN 'lines_numbered(' END,
        'concat_ws(chr(10), NULL',
        list_aggregate(
            list_transform(chosen, lambda number: concat(', legs_of_patch_', number, '()')),
            'string_agg',
            ''
        ),
        ')',
        ', ' || eclipse || ')',
        '))'
    )
)[1];
