-- Paths of the files that hold a table's rows of some eclipses; never none.
--
-- DuckDB reads no empty list of files: where no file has rows of these eclipses, that of the rows
-- of no one eclipse stands for them, which every table has.  A commit names the files anew: $names
-- stands for one line a file, with the number of its block of eclipses and its name.
--
-- parameters:
--   name               of a table that segments lists the files of
--   eclipses           list of numbers; NULL: all
-- returns:             list of text, absolute paths
-- example:
--   SELECT segment_paths('legs', [23456]);
CREATE OR REPLACE MACRO segment_paths(name, eclipses := NULL) AS list_transform(
    list_transform(
        [string_split(CASE name $names END, chr(10))],
        lambda lines: CASE
            WHEN eclipses IS NULL THEN lines
            ELSE list_transform(
                list_transform(
                    [list_distinct(list_transform(eclipses, lambda number: number // $size))],
                    lambda blocks: list_filter(
                        lines, lambda line: list_contains(blocks, split_part(line, '/', 1)::BIGINT)
                    )
                ),
                lambda chosen: CASE WHEN len(chosen) > 0 THEN chosen ELSE lines[1:1] END
            )[1]
        END
    )[1],
    lambda line: $folder || '/' || name || '/' || split_part(line, '/', 2) || '.parquet'
);
