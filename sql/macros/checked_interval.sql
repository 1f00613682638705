-- An interval in whole milliseconds; an error when it is empty or impossible.
--
-- parameters:
--   t0        s        start, GALEX time
--   t1        s        end, which does not belong to it
-- returns:  ms         list of start and end
-- example:
--   SELECT checked_interval(874361250, 874361260);
CREATE OR REPLACE MACRO checked_interval(t0, t1) AS CASE
    WHEN t0::DOUBLE < t1::DOUBLE AND t0::DOUBLE >= 0 AND t1::DOUBLE <= $LATEST_S
        THEN [round(t0::DOUBLE * 1000)::BIGINT, round(t1::DOUBLE * 1000)::BIGINT]
    ELSE error(format(
        't0 = {}, t1 = {}: give GALEX seconds, t0 before t1',
        coalesce(t0::VARCHAR, 'NULL'),
        coalesce(t1::VARCHAR, 'NULL')
    ))::BIGINT[]
END;
