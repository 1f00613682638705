-- Count rate of a point source at which the detector loses 10 % of it to local non-linearity.
--
-- Morrissey et al. (2007): $FUV_NONLINEAR_RATE (FUV) and $NUV_NONLINEAR_RATE (NUV) counts a second.
--
-- parameters:
--   band               'NUV' or 'FUV', in capitals
-- returns:  1/s        counts a second
-- example:
--   SELECT nonlinear_rate('NUV');
CREATE OR REPLACE MACRO nonlinear_rate(band) AS CASE band WHEN 'NUV' THEN $NUV_NONLINEAR_RATE WHEN 'FUV' THEN $FUV_NONLINEAR_RATE END;
