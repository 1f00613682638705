-- The pointing that some legs were reduced with: the view aspect, from the files of these only.
--
-- Use it where the legs are known before the query runs.
--
-- parameters:
--   legs             legs chosen from archive_legs('aspect')
-- columns:
--   eclipse          number of the eclipse
--   band             'NUV' or 'FUV'
--   leg              number, from 0
--   t         s      GALEX time
--   ra        deg    boresight
--   dec       deg    boresight
--   roll      deg    roll angle
--   flags            odd: not part of the observation
--   t_ms      ms     GALEX time, exact
-- example:
--   SELECT count(*) AS n FROM aspect_of(legs_numbered('aspect', 23456, 'NUV', 0)) AS each
--   WHERE each.eclipse = 23456;
CREATE OR REPLACE MACRO aspect_of(legs) AS TABLE
SELECT
    chosen.eclipse,
    chosen.band,
    chosen.leg,
    chosen.t_ms / 1000.0 AS t,
    chosen.ra,
    chosen.dec,
    chosen.roll,
    chosen.flags,
    chosen.t_ms
FROM $source AS chosen
-- What leg_paths gives where there is no leg.
WHERE NOT contains(chosen.filename, '/./././');
