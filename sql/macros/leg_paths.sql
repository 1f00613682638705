-- Paths of the files of some legs; where there are none, that of any file of the archive, marked.
--
-- DuckDB reads no empty list of files.  The mark, /./././ in the path, is what whoever reads these
-- tells by that no row of the file is meant: photons_of, ticks_of and aspect_of do.
--
-- parameters:
--   legs               legs chosen from archive_legs(kind)
--   kind               'photons', 'ticks' or 'aspect'
-- returns:             list of text, absolute paths
-- example:
--   SELECT leg_paths(legs_numbered('ticks', 23456, 'NUV', 0), 'ticks');
CREATE OR REPLACE MACRO leg_paths(legs, kind) AS list_transform(
    list_transform(
        [list_filter(
            flatten(list_transform(legs, lambda each: each[9:])),
            -- Those are merged_paths(legs).
            lambda name: NOT starts_with(name, 'merged/')
        )],
        lambda chosen: CASE
            WHEN len(chosen) > 0 THEN chosen
            ELSE ['./././' || any_file(kind)]
        END
    )[1],
    lambda name: coalesce(getvariable('gphoton_root'), $root) || '/' || split_part(name, '|', 1)
);
