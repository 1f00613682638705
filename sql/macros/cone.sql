-- Photons within a radius of a position, of all visits and both bands, flagged ghosts included.
--
-- parameters:
--   ra        deg      right ascension of the centre, -180 to 360
--   dec       deg      declination of the centre
--   radius    arcsec   radius, above 0 and up to $LARGEST_CONE_ARCSEC; the circle itself belongs to the cone
--   band               'NUV' or 'FUV'; NULL: both
-- columns:
--   (all)              the columns of photons
--   separation  arcsec  distance from the centre
-- example:
--   SELECT band, count(*) AS n FROM cone(323.4928, -2.064, 12.8) GROUP BY band;
CREATE OR REPLACE MACRO cone(ra, "dec", radius, band := NULL) AS TABLE
SELECT
    each.* EXCLUDE (haversine),
    3600 * degrees(2 * asin(sqrt(each.haversine))) AS separation
FROM (
    SELECT
        photon.*,
        haversine(ra, "dec", photon.ra, photon.dec) AS haversine
    FROM photons_of(
        files_near(
            legs_near(
                'photons',
                ra,
                "dec",
                -- Photons in the detector's corners lie up to $CORNER_DEG deg outside of the field.
                $CORNER_ARCSEC + CASE WHEN checked_position(ra, "dec") THEN checked_radius(radius, $LARGEST_CONE_ARCSEC) END,
                checked_band(band)
            ),
            ra,
            "dec",
            cone_half_width("dec", radius),
            radius / 3600.0
        )
    ) AS photon
    WHERE
        photon.dec BETWEEN "dec" - radius / 3600.0 AND "dec" + radius / 3600.0
        AND photon.ra BETWEEN cone_ra_min(ra, "dec", radius) AND cone_ra_max(ra, "dec", radius)
        AND (band IS NULL OR photon.band = upper(band))
) AS each
WHERE each.haversine <= sin(radians(radius / 3600.0) / 2) ^ 2;
