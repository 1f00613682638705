-- A number of bins; an error above a million.
--
-- parameters:
--   bins               how many
-- returns:             the same
-- example:
--   SELECT checked_bins(57);
CREATE OR REPLACE MACRO checked_bins(bins) AS CASE
    WHEN bins <= $MOST_BINS THEN bins
    ELSE error(
        'this makes ' || bins::VARCHAR || ' bins, more than $MOST_BINS: give a longer step'
    )::BIGINT
END;
