-- Events at each distinct time of some legs: the view ticks, from the files of these legs only.
--
-- Use it where the legs are known before the query runs.
--
-- parameters:
--   legs             legs chosen from archive_legs('ticks')
-- columns:
--   eclipse          number of the eclipse
--   band             'NUV' or 'FUV'
--   leg              number, from 0
--   t         s      GALEX time
--   events           photons at this time
--   unflagged        those of them with flag 0
--   t_ms      ms     GALEX time, exact
-- example:
--   SELECT count(*) AS n FROM ticks_of(legs_numbered('ticks', 23456, 'NUV', 0)) AS each
--   WHERE each.eclipse = 23456;
CREATE OR REPLACE MACRO ticks_of(legs) AS TABLE
SELECT
    chosen.eclipse,
    chosen.band,
    chosen.leg,
    chosen.t_ms / 1000.0 AS t,
    chosen.events,
    chosen.unflagged,
    chosen.t_ms
FROM $source AS chosen
-- What leg_paths gives where there is no leg.
WHERE NOT contains(chosen.filename, '/./././');
