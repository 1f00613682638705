-- A band as SQL; an error when there is no such band.
--
-- parameters:
--   band               'NUV', 'FUV' or NULL
-- returns:             text
-- example:
--   SELECT band_sql('nuv');
CREATE OR REPLACE MACRO band_sql(band) AS coalesce('''' || checked_band(band) || '''', 'NULL');
