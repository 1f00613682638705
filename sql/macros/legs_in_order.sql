-- Legs of the index, or of archive_legs(kind), in the order of eclipse, band and leg.
--
-- parameters:
--   legs               list, one for each leg, of lists of text that begin with these three
-- returns:             list, the same
-- example:
--   SELECT len(legs_in_order(archive_legs('photons'))) AS legs;
CREATE OR REPLACE MACRO legs_in_order(legs) AS list_transform(
    list_sort(list_transform(
        legs,
        -- As text '9' comes after '10'.
        lambda each: [lpad(each[1], 9, '0') || each[2] || lpad(each[3], 4, '0')] || each
    )),
    lambda keyed: keyed[2:]
);
