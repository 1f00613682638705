-- The length of a bin as SQL: it must be known before the query runs, for files follow from it.
--
-- parameters:
--   step      s        length of a bin, rounded to whole milliseconds; NULL: no division
-- returns:             text
-- example:
--   SELECT step_sql(30);
CREATE OR REPLACE MACRO step_sql(step) AS number_sql(checked_step(step) / 1000);
