-- Photons of some legs within a radius of a position: what cone gives, once the legs are chosen.
--
-- parameters:
--   legs               legs chosen from archive_legs('photons')
--   cells              first and last cell of the sky that the photons are looked for in: cone_cells
--   ra        deg      right ascension of the centre, -180 to 360
--   dec       deg      declination of the centre
--   radius    arcsec   radius, above 0 and up to $LARGEST_CONE_ARCSEC; the circle itself belongs to the cone
-- columns:
--   (all)              the columns of photons
--   separation  arcsec  distance from the centre
-- example:
--   SELECT count(*) AS n
--   FROM cone_of(
--       legs_numbered('photons', 23456, NULL, NULL), cone_cells(323.4928, -2.064, 12.8),
--       323.4928, -2.064, 12.8
--   );
CREATE OR REPLACE MACRO cone_of(legs, cells, ra, "dec", radius) AS TABLE
SELECT
    each.* EXCLUDE (haversine),
    3600 * degrees(2 * asin(sqrt(each.haversine))) AS separation
FROM (
    SELECT
        photon.*,
        haversine(ra, "dec", photon.ra, photon.dec) AS haversine
    FROM photons_of(
        files_near(
            legs,
            ra,
            "dec",
            cone_half_width("dec", radius),
            radius / 3600.0
        )
    ) AS photon
    WHERE
        photon.cell BETWEEN (cells)[1] AND (cells)[2]
        AND photon.dec BETWEEN "dec" - radius / 3600.0 AND "dec" + radius / 3600.0
        AND photon.ra BETWEEN cone_ra_min(ra, "dec", radius) AND cone_ra_max(ra, "dec", radius)
) AS each
WHERE each.haversine <= sin(radians(radius / 3600.0) / 2) ^ 2;
