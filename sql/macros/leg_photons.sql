-- Every photon of a leg: eclipse_photons of one leg and band.
--
-- parameters:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
-- columns:
--   (all)              the columns of photons
-- example:
--   SELECT count(*) AS n FROM leg_photons(23456, 'NUV', 0);
CREATE OR REPLACE MACRO leg_photons(eclipse, band, leg) AS TABLE
FROM query('FROM photons_of(' || legs_numbered_sql('photons', eclipse, band, leg) || ')');
