-- The radius that holds an aperture and its annulus; an error when these are none.
--
-- parameters:
--   radius    arcsec   of the aperture, above 0 and up to $LARGEST_APERTURE_ARCSEC
--   inner     arcsec   inner radius of the annulus, not below radius, or NULL
--   outer     arcsec   outer radius of the annulus, up to $LARGEST_APERTURE_ARCSEC, or NULL
-- returns:  arcsec     the larger of radius and outer
-- example:
--   SELECT checked_aperture(12.8, 30, 60);
CREATE OR REPLACE MACRO checked_aperture(radius, "inner", "outer") AS CASE
    WHEN "inner" IS NULL AND "outer" IS NULL THEN checked_radius(radius, $LARGEST_APERTURE_ARCSEC)
    WHEN
        "inner"::DOUBLE >= checked_radius(radius, $LARGEST_APERTURE_ARCSEC)
        AND "inner"::DOUBLE < "outer"::DOUBLE AND "outer"::DOUBLE <= $LARGEST_APERTURE_ARCSEC
        THEN "outer"::DOUBLE
    ELSE error(format(
        'radius = {}, inner = {}, outer = {}: give both of the annulus, in arcsec, '
        'with radius <= inner < outer <= $LARGEST_APERTURE_ARCSEC, or none',
        radius::VARCHAR,
        coalesce("inner"::VARCHAR, 'NULL'),
        coalesce("outer"::VARCHAR, 'NULL')
    ))::DOUBLE
END;
