-- How each of some legs is divided into bins.
--
-- Bins start at the first unflagged photon on the detector, as frames of movies do; the last one
-- is not cut.  Legs without such a photon have no bins.
--
-- parameters:
--   legs               legs chosen from archive_legs(...)
--   step      s        length of a bin, in whole milliseconds; NULL: one bin a leg
-- columns:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
--   leg_key            leg_key(eclipse, band, leg)
--   start_ms  ms       start of the first bin, GALEX time
--   step_ms   ms       length of a bin
--   n_bins             number of bins, at most a million
-- example:
--   SELECT eclipse, band, leg, n_bins FROM leg_bins(archive_legs('ticks'), 30);
CREATE OR REPLACE MACRO leg_bins(legs, step) AS TABLE
SELECT
    span.eclipse,
    span.band,
    span.leg,
    leg_key(span.eclipse, span.band, span.leg) AS leg_key,
    span.start_ms,
    span.step_ms,
    checked_bins((span.last_ms - span.start_ms) // span.step_ms + 1) AS n_bins
FROM (
    SELECT
        chosen.each[1]::INTEGER AS eclipse,
        chosen.each[2] AS band,
        chosen.each[3]::INTEGER AS leg,
        chosen.each[7]::BIGINT AS start_ms,
        chosen.each[8]::BIGINT AS last_ms,
        coalesce(given.step_ms, last_ms - start_ms + 1) AS step_ms
    FROM (SELECT unnest(legs) AS each) AS chosen
    CROSS JOIN (
        SELECT checked_step(asked.step) AS step_ms
        -- Once: a step may be a subquery.
        FROM (SELECT step AS step) AS asked
    ) AS given
    WHERE chosen.each[7] <> ''
) AS span;
