-- Legs of some parts of the index, as SQL.
--
-- parameters:
--   part               'patch' or 'block'
--   numbers            list of the numbers of parts with legs
-- returns:             text, SQL of a list as indexed_legs(lines) has it; in the order of eclipse,
--                      band and leg
-- example:
--   SELECT lines_sql('patch', [831, 832]);
CREATE OR REPLACE MACRO lines_sql(part, numbers) AS list_transform(
    [numbers],
    lambda chosen: concat(
        -- The lines of one part are in order.
        CASE WHEN len(chosen) > 1 THEN 'legs_in_order' END,
        '(indexed_legs(concat_ws(chr(10), NULL',
        list_aggregate(
            list_transform(chosen, lambda number: concat(', legs_of_', part, '_', number, '()')),
            'string_agg',
            ''
        ),
        ')))'
    )
)[1];
