-- A radius; an error when it is not positive, or larger than allowed.
--
-- parameters:
--   radius    arcsec   the radius
--   largest   arcsec   the largest that is allowed
-- returns:  arcsec     the same
-- example:
--   SELECT checked_radius(12.8, 3600);
CREATE OR REPLACE MACRO checked_radius(radius, largest) AS CASE
    WHEN radius::DOUBLE > 0 AND radius::DOUBLE <= largest THEN radius::DOUBLE
    ELSE error(
        'radius = ' || coalesce(radius::VARCHAR, 'NULL') || ': give arcsec, above 0 and up to '
        || largest::VARCHAR
    )::DOUBLE
END;
