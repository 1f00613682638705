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
--   col       pixel  on the detector, 0 to $DETECTOR_PIXELS
--   row       pixel  on the detector, 0 to $DETECTOR_PIXELS
--   detrad    pixel  distance from the detector's centre
--   flags            $FLAG_GOOD good; $FLAG_NO_POINTING, $FLAG_BAD_POINTING, $FLAG_GHOST: photon_flag_name(flags)
--   mask             true on a detector hotspot; NULL beyond the mask
--   response         a photon's weight is 1 / response
--   q                pulse height, 0 to 31
--   ya               y wiggle phase, 0 to 31
--   cell             HEALPix pixel, order $CELL_ORDER nested; -1 without a position
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
        (chosen.col::DOUBLE - $DETECTOR_CENTRE) * (chosen.col::DOUBLE - $DETECTOR_CENTRE)
        + (chosen.row::DOUBLE - $DETECTOR_CENTRE) * (chosen.row::DOUBLE - $DETECTOR_CENTRE)
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
