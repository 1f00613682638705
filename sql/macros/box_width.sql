-- Extent of a box from one right ascension eastwards to another, also across RA 0.
--
-- parameters:
--   ra_min    deg      western side, -180 to 360
--   ra_max    deg      eastern side, -180 to 360
-- returns:  deg        0 to 360
-- example:
--   SELECT box_width(359.5, 0.5);
CREATE OR REPLACE MACRO box_width(ra_min, ra_max) AS CASE
    -- From -180 to 180, both of which are 180.
    WHEN ra_max - ra_min >= 360 THEN 360
    ELSE positive_ra(ra_max) - positive_ra(ra_min)
        + CASE WHEN positive_ra(ra_min) <= positive_ra(ra_max) THEN 0 ELSE 360 END
END;
