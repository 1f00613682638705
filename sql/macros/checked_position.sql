-- Whether right ascension and declination are possible: true, or an error that says what is not.
--
-- parameters:
--   ra        deg      right ascension, -180 to 360
--   dec       deg      declination, -90 to 90
-- returns:             true
-- example:
--   SELECT checked_position(323.4928, -2.064);
CREATE OR REPLACE MACRO checked_position(ra, "dec") AS CASE
    WHEN ra::DOUBLE BETWEEN -180 AND 360 AND "dec"::DOUBLE BETWEEN -90 AND 90 THEN true
    ELSE error(format(
        'ra = {}, dec = {}: give degrees, ra -180 to 360 and dec -90 to 90',
        coalesce(ra::VARCHAR, 'NULL'),
        coalesce("dec"::VARCHAR, 'NULL')
    ))::BOOLEAN
END;
