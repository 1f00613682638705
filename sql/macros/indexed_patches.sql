-- The patches of the sky with legs: each has a macro legs_of_patch_..., the text of its legs.
--
-- A leg is in the patch of its boresight.  Patch $WIDE_PATCH has the legs, normally none, with a field
-- of a larger radius than $PATCH_REACH_DEG deg.
--
-- returns:             text, numbers as sky_patches has them, with a blank before and behind each
-- example:
--   SELECT indexed_patches();
CREATE OR REPLACE MACRO indexed_patches() AS $patches;
