-- Every photon of some legs: the view photons, without opening the files of other legs.
--
-- Use it where the legs are known before the query runs.
--
-- parameters:
--   legs             legs chosen from archive_legs('photons')
-- columns:
--   eclipse          number of the eclipse
--   band             'NUV' or 'FUV'
--   leg              number, from 0
--   t         s      GALEX time
--   ra        deg    right ascension; NULL without a position
--   dec       deg    declination
--   col       pixel  on the detector, 0 to 800
--   row       pixel  on the detector, 0 to 800
--   detrad    pixel  distance from the detector's centre
--   flags            0 good; 7, 12, 120: photon_flag_name(flags)
--   mask             true on a detector hotspot; NULL beyond the mask
--   response         a photon's weight is 1 / response
--   q                pulse height, 0 to 31
--   ya               y wiggle phase, 0 to 31
--   cell             HEALPix pixel, order 13 nested; -1 without a position
--   t_ms      ms     GALEX time, exact
-- example:
--   SELECT count(*) AS n FROM photons_of(legs_numbered('photons', 23456, 'NUV', 0)) AS each
--   WHERE each.eclipse = 23456;
CREATE OR REPLACE MACRO photons_of(legs) AS TABLE
SELECT
    chosen.eclipse,
    chosen.band,
    chosen.leg,
    chosen.t_ms / 1000.0 AS t,
    chosen.ra,
    chosen.dec,
    chosen.col,
    chosen.row,
    -- Products: the operator ^ is ten times slower.
    sqrt(
        (chosen.col::DOUBLE - 400) * (chosen.col::DOUBLE - 400)
        + (chosen.row::DOUBLE - 400) * (chosen.row::DOUBLE - 400)
    ) AS detrad,
    chosen.flags,
    chosen.mask,
    chosen.response,
    chosen.q,
    chosen.ya,
    chosen.cell,
    chosen.t_ms
FROM $source AS chosen
-- What leg_paths gives where there is no leg.
WHERE NOT contains(chosen.filename, '/./././');
