-- A number as SQL, to its last digit.
--
-- parameters:
--   value              any number, or NULL
-- returns:             text
-- example:
--   SELECT number_sql(323.4928);
CREATE OR REPLACE MACRO number_sql(value) AS coalesce('''' || value::DOUBLE || '''::DOUBLE', 'NULL');
