-- The legs whose circle about the boresight comes near a position.
--
-- All legs of the archive are looked at; cone, box and lightcurve look at those of the patches of the
-- sky about the position only.
--
-- parameters:
--   kind               'photons', 'ticks' or 'aspect'
--   ra        deg      right ascension, -180 to 360
--   dec       deg      declination
--   reach     arcsec   how far from the circle the position may be
--   band               'NUV', 'FUV' or NULL
-- returns:             list, as archive_legs(kind) has it
-- example:
--   SELECT len(legs_near('photons', 323.4928, -2.064, 0)) AS legs;
CREATE OR REPLACE MACRO legs_near(kind, ra, "dec", reach, band := NULL) AS list_filter(
    archive_legs(kind),
    lambda each: (band IS NULL OR each[2] = upper(band))
    AND haversine(ra, "dec", each[4]::DOUBLE, each[5]::DOUBLE)
    <= sin(radians(least(each[6]::DOUBLE + reach / 3600.0, 180)) / 2) ^ 2
);
