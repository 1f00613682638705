-- Whether bounds on the sky are possible: true, or an error that says which are not.
--
-- parameters:
--   ra_min    deg      -180 to 360
--   ra_max    deg      -180 to 360; below ra_min for a box across RA 0
--   dec_min   deg      -90 to 90
--   dec_max   deg      dec_min to 90
-- returns:             true
-- example:
--   SELECT checked_box(323, 324, -3, -2);
CREATE OR REPLACE MACRO checked_box(ra_min, ra_max, dec_min, dec_max) AS CASE
    WHEN ra_min::DOUBLE BETWEEN -180 AND 360 AND ra_max::DOUBLE BETWEEN -180 AND 360
        AND dec_min::DOUBLE >= -90 AND dec_min::DOUBLE <= dec_max::DOUBLE AND dec_max::DOUBLE <= 90
        THEN true
    ELSE error(format(
        'ra_min = {}, ra_max = {}, dec_min = {}, dec_max = {}: give degrees, ra -180 to 360, '
        'dec -90 to 90 and dec_min not above dec_max',
        coalesce(ra_min::VARCHAR, 'NULL'),
        coalesce(ra_max::VARCHAR, 'NULL'),
        coalesce(dec_min::VARCHAR, 'NULL'),
        coalesce(dec_max::VARCHAR, 'NULL')
    ))::BOOLEAN
END;
