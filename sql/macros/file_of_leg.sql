-- Path of the files of a leg, without what tells its parts.
--
-- parameters:
--   kind               'photons', 'ticks', 'aspect' or 'seconds'
--   each               a leg of indexed_legs(...)
-- returns:             text, relative to the archive
-- example:
--   SELECT file_of_leg(
--       'ticks', ['500', 'NUV', '0', '3.5', '-2.1', '0.64', '874100896995', '113995', '3ea1abfcba09', '']
--   );
CREATE OR REPLACE MACRO file_of_leg(kind, each) AS CASE each[3]
    -- Photons of many legs, not of one.
    WHEN 'merged' THEN format('merged/band={}/{}', each[2], each[1])
    ELSE format(
        '{}/band={}/eclipse={}/leg={}/{}', kind, each[2], each[1], each[3], rtrim(each[9], '+')
    )
END;
