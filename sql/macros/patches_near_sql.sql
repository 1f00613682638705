-- All legs whose circle about the boresight comes near a position, as SQL.
--
-- parameters:
--   ra        deg      right ascension, -180 to 360
--   dec       deg      declination
--   reach     arcsec   how far from the circle the position may be
-- returns:             text, SQL of a list as indexed_legs(lines) has it, with others too
-- example:
--   SELECT patches_near_sql(323.4928, -2.064, 0);
CREATE OR REPLACE MACRO patches_near_sql(ra, "dec", reach) AS list_transform(
    [[ra, "dec", reach / 3600.0 + $PATCH_REACH_DEG]::DOUBLE[]],
    lambda place: patches_sql(
        place[1], place[2], cone_half_width(place[2], 3600 * place[3]), place[3]
    )
)[1];
