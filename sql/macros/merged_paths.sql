-- Paths of the files with merged photons of some legs; where there are none, that of any, marked.
--
-- The mark, /./././ in the path, is as in leg_paths.  Without merged photons in the archive nobody asks.
--
-- parameters:
--   legs               legs chosen from archive_legs('photons'), or with merged ones
-- returns:             list of text, absolute paths
-- example:
--   SELECT merged_paths(legs_numbered('photons', 23456, 'NUV', 0));
CREATE OR REPLACE MACRO merged_paths(legs) AS list_transform(
    list_transform(
        [list_filter(
            flatten(list_transform(legs, lambda each: each[9:])),
            lambda name: starts_with(name, 'merged/')
        )],
        lambda chosen: CASE
            WHEN len(chosen) > 0 THEN chosen
            ELSE ['./././' || $any_merged]
        END
    )[1],
    lambda name: coalesce(getvariable('gphoton_root'), $root) || '/' || split_part(name, '|', 1)
);
