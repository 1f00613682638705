-- The length of a bin in whole milliseconds, NULL for NULL; an error when it is below one.
--
-- parameters:
--   step      s        length of a bin, rounded to whole milliseconds; NULL: no division
-- returns:  ms         the same, 1 to 4e12
-- example:
--   SELECT checked_step(30);
CREATE OR REPLACE MACRO checked_step(step) AS CASE
    WHEN step IS NULL THEN NULL
    WHEN typeof(step) <> 'BOOLEAN' AND step::DOUBLE >= $SHORTEST_STEP_S AND step::DOUBLE <= $LATEST_S
        THEN round(step::DOUBLE * 1000)::BIGINT
    ELSE error('step = ' || step::VARCHAR || ': give seconds, $SHORTEST_STEP_S to $LATEST_S')::BIGINT
END;
