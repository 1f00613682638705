-- Every photon of an eclipse: the view photons, without a look at the legs of other eclipses.
--
-- It takes as long in an archive of the whole mission as in one of a few legs; the view photons
-- with a filter on eclipse opens no other files either, but looks up the names of all.
--
-- parameters:
--   eclipse            number of the eclipse; NULL: all
--   band               'NUV' or 'FUV'; NULL: both
--   leg                number, from 0; NULL: all
-- columns:
--   (all)              the columns of photons
-- example:
--   SELECT band, flags, count(*) AS n FROM eclipse_photons(23456) GROUP BY ALL;
CREATE OR REPLACE MACRO eclipse_photons(eclipse, band := NULL, leg := NULL) AS TABLE
FROM query('FROM photons_of(' || legs_numbered_sql('photons', eclipse, band, leg) || ')');
