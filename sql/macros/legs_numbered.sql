-- The legs of an eclipse; NULL for the band or the leg stands for all of them.
--
-- All legs of the archive are looked at; eclipse_photons looks at those of a block of eclipses only.
--
-- parameters:
--   kind               'photons', 'ticks' or 'aspect'
--   eclipse            number; NULL for all eclipses
--   band               'NUV', 'FUV' or NULL
--   leg                number, from 0, or NULL
-- returns:             list, as archive_legs(kind) has it
-- example:
--   SELECT len(legs_numbered('photons', 23456, 'NUV', NULL)) AS legs;
CREATE OR REPLACE MACRO legs_numbered(kind, eclipse, band, leg) AS list_filter(
    archive_legs(kind),
    lambda each: (eclipse IS NULL OR each[1]::INTEGER = checked_whole(eclipse, 'eclipse'))
    AND (band IS NULL OR each[2] = checked_band(band))
    AND (leg IS NULL OR each[3]::INTEGER = checked_whole(leg, 'leg'))
);
