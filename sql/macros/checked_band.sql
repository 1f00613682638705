-- A band in capitals, NULL for NULL (all bands); an error when there is no such band.
--
-- parameters:
--   band               'NUV', 'FUV' or NULL
-- returns:             'NUV', 'FUV' or NULL
-- example:
--   SELECT checked_band('nuv');
CREATE OR REPLACE MACRO checked_band(band) AS CASE
    WHEN band IS NULL THEN NULL
    WHEN upper(band::VARCHAR) IN ('NUV', 'FUV') THEN upper(band::VARCHAR)
    ELSE error('band = ' || band::VARCHAR || ': give ''NUV'' or ''FUV''')::VARCHAR
END;
