-- Visits whose field holds a position, from the catalogue alone; those not ingested too.
--
-- The field is the circle about the boresight that holds all of it, so that a position at its rim
-- may have been seen for some of the time only, or just not: coverage_at says exactly.  No row:
-- no known visit saw the position.  A row with ingested false: the visit is known (by its other
-- band, or its boresight), and "gphoton-db ingest" of this eclipse and band would add it.
--
-- parameters:
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
--   SELECT eclipse, band, leg, ingested, exposure FROM legs_at(323.4928, -2.064);
CREATE OR REPLACE MACRO legs_at(ra, "dec") AS TABLE
WITH ingested_leg AS (
    SELECT
        leg.*,
        haversine(ra, "dec", leg.ra0, leg.dec0) AS haversine
    FROM legs AS leg
    -- What a table function is given is looked at even when there is nothing to join.
    CROSS JOIN range(checked_position(ra, "dec")::INTEGER)
    WHERE haversine(ra, "dec", leg.ra0, leg.dec0) <= sin(radians(leg.radius) / 2) ^ 2
),
near AS (
    SELECT DISTINCT ON (leg.eclipse, leg.leg)
        leg.eclipse,
        leg.leg,
        leg.haversine,
        leg.ra0,
        leg.dec0,
        leg.t0,
        leg.t1
    FROM ingested_leg AS leg
    UNION ALL
    SELECT
        boresight.eclipse,
        boresight.leg,
        haversine(ra, "dec", boresight.ra0, boresight.dec0) AS haversine,
        boresight.ra0,
        boresight.dec0,
        boresight.t0,
        NULL AS t1
    FROM boresights AS boresight
    -- 0.65 deg: the exposed field and a generous dither.
    WHERE haversine(ra, "dec", boresight.ra0, boresight.dec0) <= sin(radians(0.65) / 2) ^ 2
    AND NOT EXISTS (
        FROM legs AS leg
        WHERE leg.eclipse = boresight.eclipse AND leg.leg = boresight.leg
    )
)
SELECT
    near.eclipse,
    each.band,
    near.leg,
    leg.eclipse IS NOT NULL AS ingested,
    3600 * degrees(2 * asin(sqrt(near.haversine))) AS separation,
    near.ra0,
    near.dec0,
    near.t0,
    near.t1,
    leg.good_fix_seconds AS pointing,
    leg.exposure,
    leg.n_photons
FROM near
CROSS JOIN (VALUES ('NUV'), ('FUV')) AS each(band)
LEFT JOIN ingested_leg AS leg
    ON leg.eclipse = near.eclipse AND leg.leg = near.leg AND leg.band = each.band
LEFT JOIN eclipses AS visit ON visit.eclipse = near.eclipse
WHERE
    leg.eclipse IS NOT NULL
    -- A detector that was off saw nothing.
    OR CASE each.band WHEN 'NUV' THEN visit.nuv_det_on_time ELSE visit.fuv_det_on_time END
    IS DISTINCT FROM 0
ORDER BY near.eclipse, each.band, near.leg;
