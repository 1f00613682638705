-- A file of the archive, which stands for none where none are wanted; see leg_paths.
--
-- parameters:
--   kind               'photons', 'ticks' or 'aspect'
-- returns:             text, path in the archive; of no file in an empty one
-- example:
--   SELECT any_file('ticks');
CREATE OR REPLACE MACRO any_file(kind) AS
    kind || $any_leg || CASE kind WHEN 'photons' THEN '-0.parquet' ELSE '.parquet' END;
