-- Visits whose field holds a position: what legs_at gives, once the eclipses are chosen.
--
-- parameters:
--   eclipses           list of the numbers of all eclipses of which a leg, ingested, is near
--   ra        deg      right ascension, -180 to 360
--   dec       deg      declination
-- columns:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
--   ingested           whether its photons are in the archive
--   separation  arcsec  distance of the position from the boresight
--   ra0       deg      boresight
--   dec0      deg      boresight
--   t0        s        first aspect row, GALEX time
--   t1        s        last aspect row
--   pointing  s        seconds with trusted pointing
--   exposure  s        exposure of the leg, corrected for dead time
--   n_photons          photons of the leg, anywhere in the field
-- example:
--   SELECT eclipse, band, leg, ingested FROM visits_at([23456], 323.4928, -2.064);
CREATE OR REPLACE MACRO visits_at(eclipses, ra, "dec") AS TABLE
WITH chosen_leg AS (
    FROM rows_of('legs', eclipses)
),
ingested_leg AS (
    SELECT leg.*
    FROM chosen_leg AS leg
    WHERE haversine(ra, "dec", leg.ra0, leg.dec0) <= sin(radians(leg.radius) / 2) ^ 2
),
near AS (
    SELECT DISTINCT ON (leg.eclipse, leg.leg)
        leg.eclipse,
        leg.leg,
        leg.ra0,
        leg.dec0,
        leg.t0,
        leg.t1
    FROM ingested_leg AS leg
    UNION ALL
    SELECT
        boresight.eclipse,
        boresight.leg,
        boresight.ra0,
        boresight.dec0,
        boresight.t0,
        NULL AS t1
    FROM boresights AS boresight
    -- 0.65 deg: the exposed field and a generous dither.
    WHERE boresight.dec0 BETWEEN "dec" - 0.66 AND "dec" + 0.66  -- quick to say
    AND haversine(ra, "dec", boresight.ra0, boresight.dec0) <= sin(radians(0.65) / 2) ^ 2
    AND NOT EXISTS (
        FROM leg_numbers AS leg
        WHERE leg.eclipse = boresight.eclipse AND leg.leg = boresight.leg
    )
)
SELECT
    near.eclipse,
    each.band,
    near.leg,
    leg.eclipse IS NOT NULL AS ingested,
    separation(
        ra, "dec", coalesce(leg.ra0, near.ra0), coalesce(leg.dec0, near.dec0)
    ) AS separation,
    coalesce(leg.ra0, near.ra0) AS ra0,
    coalesce(leg.dec0, near.dec0) AS dec0,
    coalesce(leg.t0, near.t0) AS t0,
    coalesce(leg.t1, near.t1) AS t1,
    leg.good_fix_seconds AS pointing,
    leg.exposure,
    leg.n_photons
FROM near
CROSS JOIN (VALUES ('NUV'), ('FUV')) AS each(band)
-- All legs: a band that is ingested, and whose own field just misses the position, is not unknown.
LEFT JOIN chosen_leg AS leg
    ON leg.eclipse = near.eclipse AND leg.leg = near.leg AND leg.band = each.band
LEFT JOIN eclipses AS visit ON visit.eclipse = near.eclipse
WHERE
    CASE
        WHEN leg.eclipse IS NOT NULL
            THEN haversine(ra, "dec", leg.ra0, leg.dec0) <= sin(radians(leg.radius) / 2) ^ 2
        -- A detector that was off saw nothing.
        WHEN each.band = 'NUV' THEN visit.nuv_det_on_time IS DISTINCT FROM 0
        ELSE visit.fuv_det_on_time IS DISTINCT FROM 0
    END
ORDER BY near.eclipse, each.band, near.leg;
