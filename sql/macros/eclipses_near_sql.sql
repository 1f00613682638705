-- Eclipses of which a leg's circle about the boresight comes near a position, as SQL.
--
-- parameters:
--   ra        deg      right ascension, -180 to 360
--   dec       deg      declination
--   reach     arcsec   how far from the circle the position may be
-- returns:             text, SQL of a list of numbers
-- example:
--   SELECT eclipses_near_sql(323.4928, -2.064, 0);
CREATE OR REPLACE MACRO eclipses_near_sql(ra, "dec", reach) AS concat(
    'list_distinct(list_transform(',
    legs_near_sql(patches_near_sql(ra, "dec", reach), 'aspect', ra, "dec", reach, NULL),
    ', lambda each: each[1]::INTEGER))'
);
