-- Rows of a table of the catalogue that are of some eclipses: only the files with these are opened.
--
-- The same as a condition on the table itself, which has to look into every file: in an archive of
-- the whole mission some hundred.
--
-- parameters:
--   name               'legs', 'leg_files', 'shutter_gaps', 'coverage', 'source_files', 'ingests' or
--                      'products'
--   eclipses           list of numbers; NULL: all
-- columns:
--   (all)              the columns of the table; here of legs
-- example:
--   SELECT band, leg, exposure FROM rows_of('legs', [23456]) ORDER BY ALL;
CREATE OR REPLACE MACRO rows_of(name, eclipses) AS TABLE
SELECT stored.*
FROM read_parquet(segment_paths(name, eclipses), hive_partitioning = false) AS stored
WHERE eclipses IS NULL OR list_contains(eclipses, stored.eclipse);
