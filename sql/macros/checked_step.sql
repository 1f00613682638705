-- The length of a bin in whole milliseconds, NULL for NULL; an error when it is below one.
--
-- parameters:
--   step      s        length of a bin, rounded to whole milliseconds; NULL: no division
-- returns:  ms         the same, 1 to 4e12
-- example:
--   SELECT checked_step(30);
CREATE OR REPLACE MACRO checked_step(step) AS CASE
    WHEN step IS NULL THEN NULL
    WHEN step::DOUBLE >= 0.001 AND step::DOUBLE <= 4e9 THEN round(step::DOUBLE * 1000)::BIGINT
    ELSE error('step = ' || step::VARCHAR || ': give seconds, 0.001 to 4e9')::BIGINT
END;
