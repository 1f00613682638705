-- Sources that were detected in a leg, or the positions of a list that were measured in it.
--
-- The latest of each leg and catalogue; those of a leg that was ingested anew are gone.
--
-- columns:
--   eclipse          number of the eclipse
--   band             'NUV' or 'FUV'
--   leg              number, from 0
--   catalog          'detected', or the name of the list
--   source           number: of detected ones from 1, of a list its row, from 0
--   ra        deg    right ascension; NULL where the list has none
--   dec       deg    declination
--   x         pixel  in the leg's image, from 0 at the centre of the first pixel
--   y         pixel  in the leg's image
--   coverage         bits of COVERAGE at the position: 0 was never seen
--   position_flags   bits: 1 no position, 2 as an earlier one, 4 outside of the field
--   extended_source  number of the outline that it lies in, 0 for none; NULL: not looked for
--   area      pixel2  of the segment; this and the following of detected ones only
--   segment_flux count  in the segment, above the background
--   elongation       longer axis by the shorter
--   eccentricity     of the ellipse with the segment's second moments
--   equivalent_radius pixel  of a circle of the segment's area
--   orientation deg  of the longer axis, from the image's x axis to its y axis
--   max_value count  highest pixel, above the background
--   min_value count  lowest pixel of the segment
-- example:
--   SELECT catalog, count(*) AS n FROM sources WHERE eclipse = 23456 GROUP BY ALL;
CREATE OR REPLACE VIEW sources AS
SELECT
    each.eclipse,
    each.band,
    each.leg,
    each.catalog,
    each.source,
    each.ra,
    each.dec,
    each.x,
    each.y,
    each.coverage,
    each.position_flags,
    each.extended_source,
    each.area,
    each.segment_flux,
    each.elongation,
    each.eccentricity,
    each.equivalent_radius,
    each.orientation,
    each.max_value,
    each.min_value
FROM $stored_sources AS each;
