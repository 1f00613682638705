-- Those of some legs that have a number, with the paths of their files.
--
-- parameters:
--   legs               legs of indexed_legs(...)
--   kind               'photons', 'ticks' or 'aspect'
--   eclipse            number; NULL for all eclipses
--   band               'NUV', 'FUV' or NULL
--   leg                number, from 0, or NULL
-- returns:             list, as archive_legs(kind) has it
-- example:
--   SELECT legs_of_number(indexed_legs(''), 'ticks', 23456, 'NUV', NULL);
CREATE OR REPLACE MACRO legs_of_number(legs, kind, eclipse, band, leg) AS leg_files_of(
    list_filter(
        legs,
        lambda each: (eclipse IS NULL OR each[1]::INTEGER = eclipse)
        AND (band IS NULL OR each[2] = band)
        AND (leg IS NULL OR each[3]::INTEGER = leg)
    ),
    kind
);
