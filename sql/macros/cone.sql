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
FROM query(CASE
    WHEN checked_position(ra, "dec") AND checked_radius(radius, $LARGEST_CONE_ARCSEC) > 0
        THEN concat(
            'FROM cone_of(',
            legs_near_sql(
                -- Photons in the detector's corners lie up to $CORNER_DEG deg outside of the field.
                patches_near_sql(ra, "dec", $CORNER_ARCSEC + radius::DOUBLE),
                'photons',
                ra,
                "dec",
                $CORNER_ARCSEC + radius::DOUBLE,
                band
            ),
            ', ',
            concat_ws(
                ', ',
                cone_cells(ra, "dec", radius),
                number_sql(ra),
                number_sql("dec"),
                number_sql(radius)
            ),
            ')'
        )
END);
