-- The patches of the sky with merged photons (gphoton-db compact).
--
-- Each has a macro legs_of_merged_..., which stands for its legs_of_patch_... where photons near a
-- place are read.
--
-- returns:             text, numbers as sky_patches has them, with a blank before and behind each
-- example:
--   SELECT merged_patches();
CREATE OR REPLACE MACRO merged_patches() AS $merged_patches;
