-- Photons in a range of right ascension and declination, of all visits and both bands.
--
-- The bounds belong to the box.  With ra_min above ra_max it goes across RA 0; from -180 to 180 it
-- is the whole circle.
--
-- parameters:
--   ra_min    deg      lower bound, -180 to 360
--   ra_max    deg      upper bound, -180 to 360
--   dec_min   deg      lower bound
--   dec_max   deg      upper bound
-- columns:
--   (all)              the columns of photons
-- example:
--   SELECT count(*) AS n FROM box(323.4, 323.6, -2.1, -2.0);
CREATE OR REPLACE MACRO box(ra_min, ra_max, dec_min, dec_max) AS TABLE
SELECT each.*
FROM query(CASE
    WHEN checked_box(ra_min, ra_max, dec_min, dec_max)
        THEN 'FROM photons_of(' || legs_in_box_sql(
            positive_ra(ra_min) + box_width(ra_min, ra_max) / 2,
            (dec_min + dec_max) / 2,
            box_width(ra_min, ra_max) / 2,
            (dec_max - dec_min) / 2
        ) || ')'
END) AS each
WHERE
    each.dec BETWEEN dec_min AND dec_max
    AND CASE
        WHEN ra_max - ra_min >= 360 THEN true
        WHEN positive_ra(ra_min) <= positive_ra(ra_max)
            THEN each.ra BETWEEN positive_ra(ra_min) AND positive_ra(ra_max)
        ELSE each.ra >= positive_ra(ra_min) OR each.ra <= positive_ra(ra_max)
    END;
