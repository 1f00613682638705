-- The side of a pixel; an error when it is none.
--
-- parameters:
--   pixel     arcsec   side, 0.1 to 3600
-- returns:  arcsec     the same
-- example:
--   SELECT checked_pixel(1.5);
CREATE OR REPLACE MACRO checked_pixel(pixel) AS CASE
    WHEN pixel::DOUBLE BETWEEN 0.1 AND 3600 THEN pixel::DOUBLE
    ELSE error(
        'pixel = ' || coalesce(pixel::VARCHAR, 'NULL') || ': give arcsec, 0.1 to 3600'
    )::DOUBLE
END;
