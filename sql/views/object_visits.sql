-- What each visit saw of each object: one row for each object and leg of an eclipse with a source of it.
--
-- Visits that looked at the object and have no source of it have no row: objects.n_covered counts them,
-- and the named query visits_of_object lists them.
--
-- columns:
--   object_id        number in objects
--   eclipse          number of the eclipse
--   leg              number, from 0
--   source_id        name in catalogue; of several the one that is nearest
--   n_sources        sources of the object in this visit
--   ra        deg    of the source
--   dec       deg    of the source
--   separation arcsec from the object's mean position
--   bands            where it was detected: 'NUV', 'FUV' or 'NUV FUV'
--   nuv_exposure s    of the leg, corrected for dead time; NULL: NUV is not there
--   nuv_cps_bgsub 1/s rate without the background
--   nuv_cps_bgsub_err 1/s  its error
--   nuv_mag_bgsub mag AB magnitude, without aperture correction; NULL without counts
--   fuv_exposure s    of the leg, corrected for dead time; NULL: FUV is not there
--   fuv_cps_bgsub 1/s rate without the background
--   fuv_cps_bgsub_err 1/s  its error
--   fuv_mag_bgsub mag AB magnitude, without aperture correction; NULL without counts
--   flags            bits: 1 the visit has several sources of the object
-- example:
--   SELECT eclipse, leg, nuv_cps_bgsub, nuv_cps_bgsub_err FROM object_visits
--   WHERE object_id = 1 ORDER BY eclipse, leg;
CREATE OR REPLACE VIEW object_visits AS
SELECT
    each.object_id,
    each.eclipse,
    each.leg,
    each.source_id,
    each.n_sources,
    each.ra,
    each.dec,
    each.separation,
    each.bands,
    each.nuv_exposure,
    each.nuv_cps_bgsub,
    each.nuv_cps_bgsub_err,
    CASE WHEN each.nuv_cps_bgsub > 0 THEN cps_to_mag(each.nuv_cps_bgsub, 'NUV') END AS nuv_mag_bgsub,
    each.fuv_exposure,
    each.fuv_cps_bgsub,
    each.fuv_cps_bgsub_err,
    CASE WHEN each.fuv_cps_bgsub > 0 THEN cps_to_mag(each.fuv_cps_bgsub, 'FUV') END AS fuv_mag_bgsub,
    each.flags
FROM $stored_object_visits AS each;
