-- A text as SQL.
--
-- parameters:
--   value              any text, or NULL
-- returns:             text
-- example:
--   SELECT text_sql('positions');
CREATE OR REPLACE MACRO text_sql(value) AS
    coalesce('''' || replace(value::VARCHAR, '''', '''''') || '''', 'NULL');
