-- Legs whose exposed field came near a position, the earliest first.
--
-- A leg is listed when the circle about its boresight that holds the exposed field reaches the
-- position; legs_at(ra, dec) says for how long the position itself was in the field.
--
-- parameters:
--   ra              DOUBLE  deg     right ascension, -180 to 360
--   dec             DOUBLE  deg     declination
--   reach := 0      DOUBLE  arcsec  how far outside of the circle the position may lie
--   band := NULL    BAND            NUV or FUV; both if it is left out
-- columns:
--   eclipse             number of the eclipse
--   band                'NUV' or 'FUV'
--   leg                 number, from 0
--   plan_type           survey: AIS, MIS, DIS, NGS, GII, CAI, ...
--   start    timestamp  first aspect row, UTC
--   exposure  s         exposure of the leg, corrected for dead time
--   n_photons           photons of the leg, flagged ones included
--   offset   deg        distance of the position from the boresight
-- example:
--   gphoton-db query visits_of_position --ra 323.4928 --dec -2.064
SELECT
    legs.eclipse,
    legs.band,
    legs.leg,
    visit.plan_type,
    galex_to_utc(legs.t0) AS start,
    legs.exposure,
    legs.n_photons,
    separation(legs.ra0, legs.dec0, $ra, $dec) / 3600 AS "offset"
FROM visits_near($ra, $dec, $reach) AS legs
LEFT JOIN eclipses AS visit ON visit.eclipse = legs.eclipse
WHERE
    "offset" <= legs.radius + $reach / 3600
    AND ($band IS NULL OR legs.band = $band)
ORDER BY start, legs.band, legs.leg;
