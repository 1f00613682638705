-- The lines of the index that are of an eclipse: to take these out first is quicker than to split all.
--
-- parameters:
--   lines              text of macros legs_of_patch_...
--   eclipse            number
-- returns:             text
-- example:
--   SELECT lines_numbered('500 NUV 0 3.5 -2.1 0.64 874100896995 113995 3ea1abfcba09 ', 500);
CREATE OR REPLACE MACRO lines_numbered(lines, eclipse) AS array_to_string(
    list_filter(
        string_split(lines, chr(10)), lambda line: starts_with(line, concat(eclipse, ' '))
    ),
    chr(10)
);
