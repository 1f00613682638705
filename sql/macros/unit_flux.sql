-- Flux density of one count a second (the mission's unit response).
--
-- parameters:
--   band               'NUV' or 'FUV', in capitals
-- returns:  erg/s/cm2/A  2.06e-16 (NUV) or 1.4e-15 (FUV); NULL for anything else
-- example:
--   SELECT unit_flux('NUV');
CREATE OR REPLACE MACRO unit_flux(band) AS
    CASE band WHEN 'NUV' THEN 2.06e-16::DOUBLE WHEN 'FUV' THEN 1.4e-15::DOUBLE END;
