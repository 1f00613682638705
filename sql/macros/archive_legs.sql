-- Where the files of each leg are: the index that table macros choose their files from.
--
-- It is text in the macro's definition and not a table, because DuckDB wants the names of files
-- before it runs a query, and can work them out from constants only.  So a light curve opens the
-- files of the legs that it needs, whatever the number of legs in the archive.  $photons, $ticks
-- and $aspect stand for one line a leg.
--
-- parameters:
--   kind               'photons', 'ticks' or 'aspect'
-- returns:             list, one for each leg, of lists of text: eclipse, band, leg, ra0 (deg),
--                      dec0 (deg), radius (deg), first and last unflagged photon on the detector
--                      (ms; empty without one), and its files: the path and, where they are
--                      known, behind | each, middle and half extent of its rows in dec and ra
-- example:
--   SELECT len(archive_legs('photons')) AS legs;
CREATE OR REPLACE MACRO archive_legs(kind) AS list_transform(
    string_split(
        CASE kind WHEN 'photons' THEN $photons WHEN 'ticks' THEN $ticks ELSE $aspect END,
        chr(10)
    ),
    lambda line: string_split(line, chr(9))
);
