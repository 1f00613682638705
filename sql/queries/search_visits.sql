-- Visits by place, survey, date, exposure and number, ingested or not: a row for each leg and band.
--
-- A leg is listed when the circle of its field reaches the cone, and the box, that are given.  What
-- is not known of a visit (its date, its exposure) cannot fulfil a condition.  All visits
-- are looked at: for a position alone, visits_of_position and legs_at are quicker in a large archive.
--
-- parameters:
--   ra := NULL               DOUBLE   deg     right ascension of a cone
--   dec := NULL              DOUBLE   deg     its declination
--   radius := 0              DOUBLE   arcsec  its radius
--   ra_min := NULL           DOUBLE   deg     lower bound of a box
--   ra_max := NULL           DOUBLE   deg     upper bound; below ra_min for a box across RA 0
--   dec_min := NULL          DOUBLE   deg     lower bound
--   dec_max := NULL          DOUBLE   deg     upper bound
--   band := NULL             BAND             NUV or FUV; both if it is left out
--   plan_types := NULL       VARCHAR          surveys, with commas between: AIS,MIS
--   since := NULL            TIMESTAMP        earliest start, UTC
--   until := NULL            TIMESTAMP        start before this, UTC
--   min_exposure := NULL     DOUBLE   s       exposure, or on-time of the eclipse if not ingested
--   first_eclipse := NULL    BIGINT           smallest number
--   last_eclipse := NULL     BIGINT           largest number
--   ingested := NULL         BOOLEAN          only those that are, or are not, in the archive
-- columns:
--   eclipse             number of the eclipse
--   band                'NUV' or 'FUV'
--   leg                 number, from 0; NULL: no leg is known
--   ingested            whether its photons are in the archive
--   ra0       deg       boresight
--   dec0      deg       boresight
--   radius    deg       circle about the boresight that holds the exposed field
--   separation  arcsec  distance of the boresight from the centre of the cone
--   plan_type           survey: AIS, MIS, DIS, NGS, GII, CAI, ...
--   t0        s         start of the leg, or else of the eclipse, GALEX time
--   t1        s         end of the leg; NULL: not ingested
--   utc       timestamp  start, UTC
--   exposure  s         exposure of the leg, corrected for dead time; NULL: not ingested
--   on_time   s         time of the eclipse, all legs, at the band's nominal high voltage
-- example:
--   gphoton-db query search_visits --ra 323.4928 --dec -2.064 --band NUV
SELECT
    eclipse,
    band,
    leg,
    ingested,
    ra0,
    dec0,
    radius,
    separation(ra0, dec0, $ra, $dec) AS separation,
    plan_type,
    t0,
    t1,
    galex_to_utc(t0) AS utc,
    exposure,
    on_time
FROM known_legs
WHERE
    CASE
        WHEN $ra IS NULL AND $dec IS NULL THEN true
        WHEN checked_position($ra, $dec)
            THEN haversine(ra0, dec0, $ra, $dec)
                <= sin(radians(least(radius + $radius / 3600, 180)) / 2) ^ 2
    END
    AND CASE
        WHEN
            $ra_min IS NULL AND $ra_max IS NULL AND $dec_min IS NULL AND $dec_max IS NULL
            THEN true
        -- What is quick to say first.
        WHEN
            checked_box($ra_min, $ra_max, $dec_min, $dec_max)
            AND dec0 BETWEEN $dec_min - radius AND $dec_max + radius
            THEN box_distance(ra0, dec0, $ra_min, $ra_max, $dec_min, $dec_max) <= radius * 3600
    END
    AND ($band IS NULL OR band = $band)
    AND ($plan_types IS NULL OR plan_type IN (FROM unnest(string_split(upper($plan_types), ','))))
    AND ($since IS NULL OR galex_to_utc(t0) >= $since)
    AND ($until IS NULL OR galex_to_utc(t0) < $until)
    AND ($min_exposure IS NULL OR coalesce(exposure, on_time) >= $min_exposure)
    AND ($first_eclipse IS NULL OR eclipse >= $first_eclipse)
    AND ($last_eclipse IS NULL OR eclipse <= $last_eclipse)
    AND ($ingested IS NULL OR ingested = $ingested)
ORDER BY t0, eclipse, band, leg;
