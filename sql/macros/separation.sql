-- Angle between two directions, accurate from micro-arcseconds to 180 deg.
--
-- The arc tangent of cross and dot product (Vincenty's form), in which differences of nearly equal
-- numbers are written as sines of differences.
--
-- parameters:
--   ra1       deg      right ascension of the first direction
--   dec1      deg      its declination
--   ra2       deg      right ascension of the second direction
--   dec2      deg      its declination
-- returns:  arcsec     great-circle separation, 0 to 648000
-- example:
--   SELECT separation(323.4928, -2.064, 323.4939, -2.064);
CREATE OR REPLACE MACRO separation(ra1, dec1, ra2, dec2) AS 3600 * degrees(atan2(
    -- Casts: a number in quotes less 323.4, a DECIMAL, would lose its digits after the first.
    sqrt(
        (cos(radians(dec2::DOUBLE)) * sin(radians(ra2::DOUBLE - ra1::DOUBLE))) ^ 2
        + (
            sin(radians(dec2::DOUBLE - dec1::DOUBLE))
            + 2 * sin(radians(dec1::DOUBLE)) * cos(radians(dec2::DOUBLE))
            * sin(radians(ra2::DOUBLE - ra1::DOUBLE) / 2) ^ 2
        ) ^ 2
    ),
    cos(radians(dec2::DOUBLE - dec1::DOUBLE))
    - 2 * cos(radians(dec1::DOUBLE)) * cos(radians(dec2::DOUBLE))
    * sin(radians(ra2::DOUBLE - ra1::DOUBLE) / 2) ^ 2
));
