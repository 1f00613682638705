-- Every leg with what the mission says of its eclipse, and with readable times.
--
-- All of the catalogue is read: rows_of has the legs of some eclipses, legs_at those of a position.
--
-- columns:
--   eclipse          number of the eclipse
--   band             'NUV' or 'FUV'
--   leg              number, from 0
--   plan_type        survey: AIS, MIS, DIS, NGS, GII, CAI, ...
--   plan_subtype     kind of plan
--   plan_id          number of the plan
--   visit            number of the visit to this plan's target
--   ra0       deg    boresight
--   dec0      deg    boresight
--   roll0     deg    roll angle
--   radius    deg    circle about the boresight that holds the exposed field
--   start     timestamp  first aspect row, UTC
--   stop      timestamp  last aspect row, UTC
--   mjd       d      modified Julian date of the middle
--   t0        s      first aspect row, GALEX time
--   t1        s      last aspect row
--   photon_t0 s      first unflagged photon on the detector
--   photon_t1 s      last one
--   raw_exposure s   between those, without closed shutter
--   exposure  s      and corrected for dead time
--   n_photons        photons, flagged ones included
--   n_unflagged      those with flag 0
--   det_temp  deg C  temperature of the band's detector
--   ingested_at timestamp  UTC
--   off_plan  deg    between the boresight and the planned one, where that was imported; else NULL
--   warnings         bits: 1 more than 8 % of a field off the plan
-- example:
--   SELECT eclipse, band, leg, plan_type, start, exposure FROM visits ORDER BY start;
CREATE OR REPLACE VIEW visits AS
SELECT
    legs.eclipse,
    legs.band,
    legs.leg,
    eclipses.plan_type,
    eclipses.plan_subtype,
    eclipses.plan_id,
    eclipses.visit,
    legs.ra0,
    legs.dec0,
    legs.roll0,
    legs.radius,
    galex_to_utc(legs.t0) AS start,
    galex_to_utc(legs.t1) AS stop,
    galex_to_mjd((legs.t0 + legs.t1) / 2) AS mjd,
    legs.t0,
    legs.t1,
    legs.photon_t0,
    legs.photon_t1,
    legs.raw_exposure,
    legs.exposure,
    legs.n_photons,
    legs.n_unflagged,
    CASE legs.band
        WHEN 'NUV' THEN eclipses.nuv_det_temp
        WHEN 'FUV' THEN eclipses.fuv_det_temp
    END AS det_temp,
    legs.ingested_at,
    separation(legs.ra0, legs.dec0, plan.ra0, plan.dec0) / 3600 AS off_plan,
    CASE WHEN off_plan > $OFF_PLAN_DEG THEN 1 ELSE 0 END AS warnings
FROM legs
LEFT JOIN eclipses ON legs.eclipse = eclipses.eclipse
LEFT JOIN boresights AS plan ON legs.eclipse = plan.eclipse AND legs.leg = plan.leg;
