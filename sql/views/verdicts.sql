-- What people said of candidates, on sheets of gphoton-db qa: the last word on each.
--
-- columns:
--   sheet                title of the sheet
--   source_id            what the candidate was called there
--   ra            deg    its place
--   dec           deg    its place
--   eclipse              number of the eclipse that was looked at
--   leg                  number, from 0
--   band                 'NUV' or 'FUV': in which it was a candidate; NULL: not said
--   verdict              'real', 'artifact' or 'unsure'; NULL: a note only
--   note                 what was written; NULL: nothing
--   judged_at            when, as the browser's clock had it: ISO 8601, UTC
-- example:
--   SELECT verdict, count(*) AS n FROM verdicts GROUP BY verdict ORDER BY n DESC;
CREATE OR REPLACE VIEW verdicts AS
SELECT
    each.sheet,
    each.source_id,
    each.ra,
    each.dec,
    each.eclipse,
    each.leg,
    each.band,
    each.verdict,
    each.note,
    each.judged_at
FROM $stored_verdicts AS each;
