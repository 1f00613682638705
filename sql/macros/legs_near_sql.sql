-- Those of some legs that are near a position, as SQL: legs_of_place.
--
-- parameters:
--   legs               text: patches_near_sql(ra, dec, reach)
--   kind               'photons', 'ticks' or 'aspect'
--   ra        deg      right ascension, -180 to 360
--   dec       deg      declination
--   reach     arcsec   how far from the circle about the boresight the position may be
--   band               'NUV', 'FUV' or NULL
-- returns:             text, SQL of a list as archive_legs(kind) has it
-- example:
--   SELECT legs_near_sql(
--       patches_near_sql(323.4928, -2.064, 0), 'ticks', 323.4928, -2.064, 0, NULL
--   );
CREATE OR REPLACE MACRO legs_near_sql(legs, kind, ra, "dec", reach, band) AS concat(
    'legs_of_place(',
    CASE kind WHEN 'photons' THEN with_merged(legs) ELSE legs END,
    ', ''',
    kind,
    ''', ',
    concat_ws(', ', number_sql(ra), number_sql("dec"), number_sql(reach / 3600.0)),
    ', ',
    band_sql(band),
    ')'
);
