-- Every leg of every visit that is known, in both bands, whether ingested or not.
--
-- Of an eclipse that was ingested its own legs are listed; of others the boresights that are known,
-- or one row without a place where there are none.  A band whose detector was off is left out.  All of the catalogue is read: legs_at asks for a position.
--
-- columns:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0; NULL: no leg is known
--   ingested           whether its photons are in the archive
--   ra0       deg      boresight
--   dec0      deg      boresight
--   radius    deg      circle about the boresight that holds the exposed field; $DETECTOR_RADIUS_DEG where it is
--                      not ingested
--   plan_type          survey: AIS, MIS, DIS, NGS, GII, CAI, ...
--   planned_legs       legs that were planned for the eclipse
--   t0        s        start of the leg, or else of the eclipse, GALEX time
--   t1        s        end of the leg; NULL: not ingested
--   exposure  s        exposure of the leg, corrected for dead time; NULL: not ingested
--   on_time   s        time of the eclipse, all legs, at the band's nominal high voltage
-- example:
--   SELECT band, ingested, count(*) AS legs FROM known_legs GROUP BY ALL ORDER BY ALL;
CREATE OR REPLACE VIEW known_legs AS
WITH place AS (
    SELECT
        eclipse,
        leg,
        any_value(ra0) AS ra0,
        any_value(dec0) AS dec0,
        max(radius) AS radius,
        min(t0) AS t0
    FROM legs
    GROUP BY eclipse, leg
    UNION ALL
    SELECT
        eclipse,
        leg,
        ra0,
        dec0,
        $DETECTOR_RADIUS_DEG AS radius,
        t0
    FROM boresights
    WHERE eclipse NOT IN (SELECT eclipse FROM legs)
    UNION ALL
    SELECT
        eclipse,
        NULL AS leg,
        NULL AS ra0,
        NULL AS dec0,
        NULL AS radius,
        NULL AS t0
    FROM eclipses
    WHERE eclipse NOT IN (SELECT eclipse FROM legs UNION ALL SELECT eclipse FROM boresights)
)
SELECT
    place.eclipse,
    each.band,
    place.leg,
    leg.eclipse IS NOT NULL AS ingested,
    coalesce(leg.ra0, place.ra0) AS ra0,
    coalesce(leg.dec0, place.dec0) AS dec0,
    coalesce(leg.radius, place.radius) AS radius,
    visit.plan_type,
    visit.planned_legs,
    coalesce(leg.t0, place.t0, visit.eclipse_start) AS t0,
    leg.t1,
    leg.exposure,
    CASE each.band WHEN 'NUV' THEN visit.nuv_det_on_time ELSE visit.fuv_det_on_time END AS on_time
FROM place
CROSS JOIN (VALUES ('NUV'), ('FUV')) AS each(band)
LEFT JOIN legs AS leg
    ON leg.eclipse = place.eclipse AND leg.leg = place.leg AND leg.band = each.band
LEFT JOIN eclipses AS visit ON visit.eclipse = place.eclipse
WHERE
    leg.eclipse IS NOT NULL
    -- A detector that was off saw nothing.
    OR CASE each.band WHEN 'NUV' THEN visit.nuv_det_on_time ELSE visit.fuv_det_on_time END
    IS DISTINCT FROM 0;
