-- Every visit whose field holds an object, whether it has a source of it or not.
--
-- A visit is listed when the circle about its boresight that holds the exposed field reaches the
-- object; visits without a source are where an upper limit is to be had (gphoton-db lightcurve).
-- All of the list of legs is read.
--
-- parameters:
--   object          BIGINT          number in objects
-- columns:
--   eclipse                       number of the eclipse
--   leg                           number, from 0
--   start              timestamp  first aspect row, UTC
--   offset             deg        distance of the object from the boresight
--   nuv_exposure       s          exposure of the leg, corrected for dead time; NULL: no NUV
--   fuv_exposure       s          exposure of the leg; NULL: FUV is not there
--   source_id                     name of its source in catalogue; NULL: it has none
--   nuv_cps_bgsub      1/s        rate without the background; NULL without a source
--   nuv_cps_bgsub_err  1/s        its error
--   fuv_cps_bgsub      1/s        rate without the background; NULL without a source
--   fuv_cps_bgsub_err  1/s        its error
-- example:
--   gphoton-db query visits_of_object --object 1
SELECT
    visit.eclipse,
    visit.leg,
    visit.start,
    visit."offset",
    visit.nuv_exposure,
    visit.fuv_exposure,
    seen.source_id,
    seen.nuv_cps_bgsub,
    seen.nuv_cps_bgsub_err,
    seen.fuv_cps_bgsub,
    seen.fuv_cps_bgsub_err
FROM (
    SELECT
        legs.eclipse,
        legs.leg,
        galex_to_utc(min(legs.t0)) AS start,
        min(separation(legs.ra0, legs.dec0, place.ra, place.dec)) / 3600 AS "offset",
        max(legs.exposure) FILTER (legs.band = 'NUV') AS nuv_exposure,
        max(legs.exposure) FILTER (legs.band = 'FUV') AS fuv_exposure
    FROM legs
    INNER JOIN objects AS place
        ON
            place.object_id = $object
            AND separation(legs.ra0, legs.dec0, place.ra, place.dec) <= 3600 * legs.radius
    GROUP BY legs.eclipse, legs.leg
) AS visit
LEFT JOIN object_visits AS seen
    ON seen.object_id = $object AND seen.eclipse = visit.eclipse AND seen.leg = visit.leg
ORDER BY visit.start, visit.leg;
