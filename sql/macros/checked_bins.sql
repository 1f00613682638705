-- A number of bins; an error above a million.
--
-- parameters:
--   bins               how many
-- returns:             the same
-- example:
--   SELECT checked_bins(57);
CREATE OR REPLACE MACRO checked_bins(bins) AS CASE
    WHEN bins <= 1000000 THEN bins
    ELSE error(
        'this makes ' || bins::VARCHAR || ' bins, more than 1000000: give a longer step'
    )::BIGINT
END;
