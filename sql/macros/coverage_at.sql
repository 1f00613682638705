-- When ingested legs had a position on the detector, second by second from their pointing.
--
-- A second counts when its aspect row is part of the observation (even flag) and points to within
-- $DETECTOR_RADIUS_DEG deg, $DETECTOR_RADIUS_PIXELS detector pixels, of the position.  No row: nothing that is ingested saw it; ask
-- legs_at what is known.  Exposure is exact for the covered seconds; light curves of a position
-- with exposure but no photons have rows with counts 0.
--
-- parameters:
--   ra        deg      right ascension, -180 to 360
--   dec       deg      declination
-- columns:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
--   t0        s        start of the first second on the detector, GALEX time
--   t1        s        end of the last one
--   seconds   s        seconds of pointing with the position on the detector
--   exposure  s        exposure of these seconds, corrected for dead time
--   detrad_min  pixel  smallest distance from the detector's centre
--   detrad_max  pixel  largest
-- example:
--   SELECT band, sum(exposure) AS exposure FROM coverage_at(323.4928, -2.064) GROUP BY band;
CREATE OR REPLACE MACRO coverage_at(ra, "dec") AS TABLE
FROM query(CASE
    WHEN checked_position(ra, "dec") THEN list_transform(
        [patches_near_sql(ra, "dec", 0)],
        lambda legs: concat(
            'FROM coverage_of(',
            legs_near_sql(legs, 'aspect', ra, "dec", 0, NULL),
            ', ',
            legs_near_sql(legs, 'ticks', ra, "dec", 0, NULL),
            ', ',
            concat_ws(', ', number_sql(ra), number_sql("dec")),
            ')'
        )
    )[1]
END);
