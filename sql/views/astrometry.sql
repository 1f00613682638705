-- How far the positions of each leg are from those of a table of somebody else: ours minus theirs.
--
-- One row for each leg, band and table that gphoton-db match was run with, of the last run.  It is of
-- the leg that there is now if the generation is that in legs.  Matches by chance do not count.
--
-- columns:
--   eclipse          number of the eclipse
--   band             'NUV' or 'FUV': the sources that were detected in it
--   leg              number, from 0
--   generation       name of the ingest that wrote the leg
--   catalog          name of the table
--   radius    arcsec within which rows were matched
--   n_sources        sources of the leg that were detected in the band
--   n_matched        those with a match
--   n_used           those of them that are not taken to be matched by chance
--   shift_ra  arcsec mean shift to the east along a great circle; NULL: fewer than 3 matches
--   shift_dec arcsec mean shift to the north
--   shift_err arcsec error of each of these
--   rotation  arcsec about the middle of the matches, from north to east; NULL: fewer than 10 matches
--   rotation_err arcsec its error
--   scatter_ra arcsec standard deviation along right ascension, on the sky, about shift and rotation
--   scatter_dec arcsec standard deviation along declination
--   chance_rate      part of positions with a match within the radius by chance, in all of the run
-- example:
--   SELECT eclipse, leg, band, shift_ra, shift_dec, exposure FROM astrometry
--   JOIN legs USING (eclipse, band, leg, generation) WHERE sqrt(shift_ra ^ 2 + shift_dec ^ 2) > 1 ORDER BY eclipse;
CREATE OR REPLACE VIEW astrometry AS
SELECT
    each.eclipse,
    each.band,
    each.leg,
    each.generation,
    each.catalog,
    each.radius,
    each.n_sources,
    each.n_matched,
    each.n_used,
    each.shift_ra,
    each.shift_dec,
    each.shift_err,
    each.rotation,
    each.rotation_err,
    each.scatter_ra,
    each.scatter_dec,
    each.chance_rate
FROM $stored_astrometry AS each;
