-- Objects: sources of all visits that are linked on the sky, one row for each object.
--
-- As gphoton-db objects made them last: visits that were measured or ingested later are not in them.
-- Two sources are of one object if steps within the radius of the links, from source to source, lead
-- from one to the other; survey_files says the radius.  Numbers stay from run to run.
--
-- columns:
--   object_id        its number, from 1
--   ra        deg    mean right ascension (ICRS), weighted by the errors of the sources
--   dec       deg    mean declination
--   ra_err    arcsec error along right ascension, on the sky; NULL: no source has one
--   dec_err   arcsec error along declination
--   scatter   arcsec root mean square distance of its sources from there
--   n_sources        entries of catalogue that are linked
--   n_visits         visits (legs of eclipses) with one
--   n_covered        visits whose field holds it, with or without one, in any band
--   first_eclipse    of its visits
--   last_eclipse     of its visits
--   bands            where it was detected: 'NUV', 'FUV' or 'NUV FUV'
--   nuv_measured      sources of which NUV has a rate, whether detected in it or not
--   nuv_exposure s    of these visits, corrected for dead time, added up
--   nuv_cps_bgsub 1/s mean rate without the background, weighted by exposure
--   nuv_cps_bgsub_err 1/s  its error
--   nuv_mag_bgsub mag its AB magnitude, without aperture correction; NULL without counts
--   nuv_chi2          of the rates about their mean: about nuv_measured - 1 where they are the same
--   fuv_measured      sources of which FUV has a rate, whether detected in it or not
--   fuv_exposure s    of these visits, corrected for dead time, added up
--   fuv_cps_bgsub 1/s mean rate without the background, weighted by exposure
--   fuv_cps_bgsub_err 1/s  its error
--   fuv_mag_bgsub mag its AB magnitude, without aperture correction; NULL without counts
--   fuv_chi2          of the rates about their mean: about fuv_measured - 1 where they are the same
--   flags            bits: 1 a visit has several of its sources, 2 a source is further from the mean
--             position than the radius, 4 several objects have become this one, 8 it was one with
--             another object, 16 the error of a position is not known, 32 a source is on a hotspot or
--             ghost, or at the narrow edge
-- example:
--   SELECT object_id, ra, dec, n_visits, nuv_mag_bgsub, nuv_chi2 / (nuv_measured - 1) AS varies
--   FROM objects WHERE nuv_measured > 4 AND flags = 0 ORDER BY varies DESC LIMIT 20;
CREATE OR REPLACE VIEW objects AS
SELECT
    each.object_id,
    each.ra,
    each.dec,
    each.ra_err,
    each.dec_err,
    each.scatter,
    each.n_sources,
    each.n_visits,
    each.n_covered,
    each.first_eclipse,
    each.last_eclipse,
    each.bands,
    each.nuv_measured,
    each.nuv_exposure,
    each.nuv_cps_bgsub,
    each.nuv_cps_bgsub_err,
    CASE WHEN each.nuv_cps_bgsub > 0 THEN cps_to_mag(each.nuv_cps_bgsub, 'NUV') END AS nuv_mag_bgsub,
    each.nuv_chi2,
    each.fuv_measured,
    each.fuv_exposure,
    each.fuv_cps_bgsub,
    each.fuv_cps_bgsub_err,
    CASE WHEN each.fuv_cps_bgsub > 0 THEN cps_to_mag(each.fuv_cps_bgsub, 'FUV') END AS fuv_mag_bgsub,
    each.fuv_chi2,
    each.flags
FROM $stored_objects AS each;
