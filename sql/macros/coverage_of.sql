-- When some legs had a position on the detector: what coverage_at gives, once they are chosen.
--
-- parameters:
--   aspect_legs        legs chosen from archive_legs('aspect')
--   tick_legs          the same legs of archive_legs('ticks')
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
--   FROM coverage_of(
--       legs_numbered('aspect', 23456, 'NUV', 0), legs_numbered('ticks', 23456, 'NUV', 0),
--       323.4928, -2.064
--   );
CREATE OR REPLACE MACRO coverage_of(aspect_legs, tick_legs, ra, "dec") AS TABLE
WITH covered AS (
    SELECT
        pointing.eclipse,
        pointing.band,
        pointing.leg,
        pointing.t_ms,
        -- 1 detector pixel is $PIXEL_ARCSEC arcsec.
        separation(pointing.ra, pointing.dec, ra, "dec") / $PIXEL_ARCSEC AS detrad
    FROM aspect_of(aspect_legs) AS pointing
    WHERE
        pointing.flags % 2 = 0
        AND haversine(pointing.ra, pointing.dec, ra, "dec") <= sin(radians($DETECTOR_RADIUS_DEG) / 2) ^ 2
),
exposed AS (
    SELECT
        second.eclipse,
        second.band,
        second.leg,
        sum(second.exposure) AS exposure
    FROM binned_exposure(tick_legs, 1) AS second
    INNER JOIN covered
        ON second.eclipse = covered.eclipse AND second.band = covered.band
        AND second.leg = covered.leg
        -- Aspect rows are 1 s apart: one of them has this second's number.
        AND (second.t0_ms + 500) // 1000 = covered.t_ms // 1000
    GROUP BY ALL
)
SELECT
    covered.eclipse,
    covered.band,
    covered.leg,
    min(covered.t_ms) / 1000.0 AS t0,
    max(covered.t_ms) / 1000.0 + 1 AS t1,
    count(*) AS seconds,
    coalesce(any_value(exposed.exposure), 0) AS exposure,
    min(covered.detrad) AS detrad_min,
    max(covered.detrad) AS detrad_max
FROM covered
LEFT JOIN exposed USING (eclipse, band, leg)
GROUP BY covered.eclipse, covered.band, covered.leg
ORDER BY covered.eclipse, covered.band, covered.leg;
