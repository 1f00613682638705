-- AB magnitude of one count a second (Morrissey et al. 2007).
--
-- parameters:
--   band               'NUV' or 'FUV', in capitals
-- returns:  mag        20.08 (NUV) or 18.82 (FUV); NULL for anything else
-- example:
--   SELECT zero_point('NUV');
CREATE OR REPLACE MACRO zero_point(band) AS
    CASE band WHEN 'NUV' THEN 20.08::DOUBLE WHEN 'FUV' THEN 18.82::DOUBLE END;
