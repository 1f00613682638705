-- Lines of the index, each as the list of its fields (docs/archive.md, 'Index by place').
--
-- parameters:
--   lines              text of macros legs_of_patch_...
-- returns:             list, one for each line, of lists of text: eclipse, band, leg, ra0 (deg),
--                      dec0 (deg), radius (deg), first unflagged photon on the detector (ms),
--                      time from there to the last one (ms), generation (and + where there are seconds),
--                      and the bounds of photon files
-- example:
--   SELECT indexed_legs('500 NUV 0 3.5 -2.1 0.64 874100896995 113995 3ea1abfcba09 ');
CREATE OR REPLACE MACRO indexed_legs(lines) AS list_transform(
    list_filter(string_split(lines, chr(10)), lambda line: line <> ''),
    lambda line: string_split(line, ' ')
);
