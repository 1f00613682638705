-- Bounds of a file's photons as they stand in a line of the index.
--
-- The middle and the half extent in declination, then in right ascension, each behind a bar;
-- rounded outwards to 1/100 deg.
--
-- parameters:
--   dec_min   deg      least declination of its photons
--   dec_max   deg      greatest
--   ra_min    deg      least right ascension, 0 to 360
--   ra_max    deg      greatest
-- returns:             text
-- example:
--   SELECT bounds_in_line(-2.1, -2.0, 323.4, 323.6);
CREATE OR REPLACE MACRO bounds_in_line(dec_min, dec_max, ra_min, ra_max) AS concat(
    '|',
    (ceil(100 * dec_max + 0.01) + floor(100 * dec_min - 0.01)) / 200,
    '|',
    (ceil(100 * dec_max + 0.01) - floor(100 * dec_min - 0.01)) / 200,
    '|',
    (ceil(100 * ra_max + 0.01) + floor(100 * ra_min - 0.01)) / 200,
    '|',
    (ceil(100 * ra_max + 0.01) - floor(100 * ra_min - 0.01)) / 200
);
