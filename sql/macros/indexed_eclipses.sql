-- The patches of the sky in which each eclipse has legs: indexed_patches has those of all.
--
-- returns:             text, for each eclipse a line break, its number, and the patches' numbers behind it
-- example:
--   SELECT indexed_eclipses();
CREATE OR REPLACE MACRO indexed_eclipses() AS $eclipses;
