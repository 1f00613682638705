-- Flux density of one count a second (the mission's unit response).
--
-- parameters:
--   band               'NUV' or 'FUV', in capitals
-- returns:  erg/s/cm2/A  $NUV_UNIT_FLUX (NUV) or $FUV_UNIT_FLUX (FUV); NULL for anything else
-- example:
--   SELECT unit_flux('NUV');
CREATE OR REPLACE MACRO unit_flux(band) AS
    CASE band WHEN 'NUV' THEN $NUV_UNIT_FLUX::DOUBLE WHEN 'FUV' THEN $FUV_UNIT_FLUX::DOUBLE END;
