-- The blocks of $ECLIPSES_PER_BLOCK eclipses with legs: each has a macro legs_of_block_..., the text of its legs.
--
-- returns:             text, numbers eclipse // $ECLIPSES_PER_BLOCK, with a blank before and behind each
-- example:
--   SELECT indexed_blocks();
CREATE OR REPLACE MACRO indexed_blocks() AS $blocks;
