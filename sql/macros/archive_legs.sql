-- Where the files of each leg are: the index that table macros choose their files from.
--
-- It is text in macros and not a table, because DuckDB wants the names of files before it runs a
-- query, and can work them out from constants only.  This list has all legs of the archive, and
-- grows with it; eclipse_photons, cone, box, lightcurve and coverage_at look at the legs of a
-- block of eclipses or of a patch of the sky only.
--
-- parameters:
--   kind               'photons', 'ticks' or 'aspect'
-- returns:             list, one for each leg, of lists of text: eclipse, band, leg, ra0 (deg),
--                      dec0 (deg), radius (deg), first and last unflagged photon on the detector
--                      (ms; empty without one), and its files: the path and, where they are
--                      known, behind | each, middle and half extent of its rows in dec and ra;
--                      behind that of the ticks, where there is one, the file with the seconds
-- example:
--   SELECT len(archive_legs('photons')) AS legs;
CREATE OR REPLACE MACRO archive_legs(kind) AS
    leg_files_of(legs_in_order(indexed_legs($all_patches)), kind);
