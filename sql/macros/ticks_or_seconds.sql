-- Legs with the files that count their events: by the second where that gives the same bins.
--
-- Bins start at the first unflagged photon on the detector, and so do the seconds.  A file of seconds
-- has a hundredth of the rows; legs that were ingested by an older gphoton-db have none.
--
-- parameters:
--   legs               legs chosen from archive_legs('ticks')
--   step      s        length of a bin; NULL: one bin a leg
-- returns:             list, as archive_legs('ticks') has it
-- example:
--   SELECT ticks_or_seconds(legs_numbered('ticks', 23456, 'NUV', 0), 30);
CREATE OR REPLACE MACRO ticks_or_seconds(legs, step) AS list_transform(
    legs,
    lambda each: each[:8] || list_transform(
        each[9:],
        lambda file: CASE
            WHEN contains(file, '|') AND coalesce(checked_step(step), 1000) % 1000 = 0
                THEN split_part(file, '|', 2)
            ELSE file
        END
    )
);
