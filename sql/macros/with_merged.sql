-- The same SQL of legs, in which merged photons stand for those of the legs that they are of.
--
-- parameters:
--   legs               text: patches_near_sql(ra, dec, reach) or patches_sql(...)
-- returns:             text, the same where nothing is merged
-- example:
--   SELECT with_merged(patches_near_sql(323.4928, -2.064, 0));
CREATE OR REPLACE MACRO with_merged(legs) AS list_reduce(
    list_filter(string_split(merged_patches(), ' '), lambda patch: patch <> ''),
    lambda text, patch: replace(
        text, concat('legs_of_patch_', patch, '()'), concat('legs_of_merged_', patch, '()')
    ),
    legs
);
