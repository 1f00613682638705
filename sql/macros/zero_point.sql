-- AB magnitude of one count a second (Morrissey et al. 2007).
--
-- parameters:
--   band               'NUV' or 'FUV', in capitals
-- returns:  mag        $NUV_ZERO_POINT (NUV) or $FUV_ZERO_POINT (FUV); NULL for anything else
-- example:
--   SELECT zero_point('NUV');
CREATE OR REPLACE MACRO zero_point(band) AS
    CASE band WHEN 'NUV' THEN $NUV_ZERO_POINT::DOUBLE WHEN 'FUV' THEN $FUV_ZERO_POINT::DOUBLE END;
