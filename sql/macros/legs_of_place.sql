-- Those of some legs whose circle about the boresight comes near a position, with their files.
--
-- parameters:
--   legs               legs of indexed_legs(...)
--   kind               'photons', 'ticks' or 'aspect'
--   ra        deg      right ascension, -180 to 360
--   dec       deg      declination
--   reach     deg      how far from the circle the position may be
--   band               'NUV', 'FUV' in capitals, or NULL
-- returns:             list, as archive_legs(kind) has it
-- example:
--   SELECT legs_of_place(indexed_legs(''), 'ticks', 323.4928, -2.064, 0, NULL);
CREATE OR REPLACE MACRO legs_of_place(legs, kind, ra, "dec", reach, band) AS leg_files_of(
    list_filter(
        legs,
        lambda each: (band IS NULL OR each[2] = band)
        AND haversine(ra, "dec", each[4]::DOUBLE, each[5]::DOUBLE)
        <= sin(radians(least(each[6]::DOUBLE + reach, 180)) / 2) ^ 2
    ),
    kind
);
