-- Objects whose rates differ from visit to visit, with upper limits of visits that did not see them.
--
-- Rates are those of object_visits, without background, of both bands.  Sigma is chi squared of the
-- rates about their mean as a number of standard deviations (Wilson and Hilferty).  A visit with a
-- catalogue, in which the object was always within the edge, and that has no source within 15 arcsec
-- of it, has an upper limit: the rate that would be three errors above the median background of its
-- catalogue.  All legs are read.
--
-- parameters:
--   min_sigma := 5         DOUBLE        least sigma, or how far the mean is above the lowest limit
--   band := NULL           BAND          NUV or FUV; both if it is left out
--   object := NULL         BIGINT        number in objects; all if it is left out
-- columns:
--   object_id                   its number
--   band                        'NUV' or 'FUV'
--   ra                 deg      right ascension
--   dec                deg      declination
--   visits                      with a source of it
--   cps                1/s      mean rate, weighted by the errors
--   cps_err            1/s      its error
--   lowest             1/s      lowest rate
--   highest            1/s      highest rate
--   chi2                        of the rates about their mean
--   sigma                       standard deviations that this is; NULL: one visit
--   excess_variance             variance beyond the errors, by the square of the mean
--   unseen                      visits that looked at it and have no source there
--   upper_limit        1/s      lowest of their limits, 3 sigma; NULL: there is none
--   above_limit                 errors of its mean that this is above that limit
-- example:
--   gphoton-db query long_term_variables --min-sigma 8 --band NUV
WITH rates AS (
    SELECT object_id, eclipse, leg, 'NUV' AS band, nuv_cps_bgsub AS cps, nuv_cps_bgsub_err AS err
    FROM object_visits
    UNION ALL
    SELECT object_id, eclipse, leg, 'FUV' AS band, fuv_cps_bgsub AS cps, fuv_cps_bgsub_err AS err
    FROM object_visits
),

means AS (
    SELECT object_id, band, sum(cps / err ** 2) / sum(1 / err ** 2) AS mean, sqrt(1 / sum(1 / err ** 2)) AS error
    FROM rates
    WHERE err > 0 AND cps IS NOT NULL AND ($object IS NULL OR object_id = $object)
    GROUP BY object_id, band
),

seen AS (
    SELECT
        means.object_id,
        means.band,
        any_value(means.mean) AS cps,
        any_value(means.error) AS cps_err,
        count(*) AS visits,
        min(rates.cps) AS lowest,
        max(rates.cps) AS highest,
        sum(((rates.cps - means.mean) / rates.err) ** 2) AS chi2,
        (var_samp(rates.cps) - avg(rates.err ** 2)) / nullif(any_value(means.mean), 0) ** 2 AS excess_variance
    FROM means
    INNER JOIN rates ON means.object_id = rates.object_id AND means.band = rates.band
    WHERE rates.err > 0 AND rates.cps IS NOT NULL
    GROUP BY means.object_id, means.band
),

skies AS (
    SELECT
        eclipse,
        leg,
        median(nuv_sky) * pi() * any_value(radius) ** 2 AS nuv,
        median(fuv_sky) * pi() * any_value(radius) ** 2 AS fuv
    FROM catalogue
    GROUP BY eclipse, leg
),

looked AS (
    SELECT
        objects.object_id,
        objects.ra,
        objects.dec,
        legs.eclipse,
        legs.leg,
        legs.band,
        legs.exposure
    FROM objects
    INNER JOIN legs
        ON
            objects.n_covered > objects.n_visits
            AND ($object IS NULL OR objects.object_id = $object)
            -- Of $NARROW_EDGE_PIXELS pixels, within which sources are detected, less 20 arcsec and the dither: the
            -- radius of a leg is that of the detector, 2250 arcsec, and the dither.
            AND separation(legs.ra0, legs.dec0, objects.ra, objects.dec) <= 2200 - (3600 * legs.radius - 2250)
    WHERE NOT EXISTS (
        FROM object_visits AS visit
        WHERE
            visit.object_id = objects.object_id
            AND visit.eclipse = legs.eclipse
            AND visit.leg = legs.leg
    )
),

blended AS (
    -- Whose light is in another source: a galaxy in pieces, or a star that was not told from it.
    SELECT DISTINCT
        looked.object_id,
        looked.eclipse,
        looked.leg
    FROM looked
    INNER JOIN catalogue AS near
        ON
            looked.eclipse = near.eclipse
            AND looked.leg = near.leg
            AND near.dec BETWEEN looked.dec - 15 / 3600 AND looked.dec + 15 / 3600
    WHERE separation(near.ra, near.dec, looked.ra, looked.dec) <= 15
),

limits AS (
    SELECT
        looked.object_id,
        looked.band,
        count(*) AS unseen,
        min(
            (4.5 + 3 * sqrt(CASE looked.band WHEN 'NUV' THEN skies.nuv ELSE skies.fuv END * looked.exposure + 2.25))
            / nullif(looked.exposure, 0)
        ) AS upper_limit
    FROM looked
    INNER JOIN skies ON looked.eclipse = skies.eclipse AND looked.leg = skies.leg
    WHERE NOT EXISTS (
        FROM blended
        WHERE
            blended.object_id = looked.object_id
            AND blended.eclipse = looked.eclipse
            AND blended.leg = looked.leg
    )
    GROUP BY looked.object_id, looked.band
),

found AS (
    SELECT
        seen.object_id,
        seen.band,
        objects.ra,
        objects.dec,
        seen.visits,
        seen.cps,
        seen.cps_err,
        seen.lowest,
        seen.highest,
        seen.chi2,
        CASE
            WHEN seen.visits > 1
                THEN
                    ((seen.chi2 / (seen.visits - 1)) ** (1.0 / 3) - (1 - 2.0 / (9 * (seen.visits - 1))))
                    / sqrt(2.0 / (9 * (seen.visits - 1)))
        END AS sigma,
        seen.excess_variance,
        coalesce(limits.unseen, 0) AS unseen,
        limits.upper_limit,
        (seen.cps - limits.upper_limit) / seen.cps_err AS above_limit
    FROM seen
    INNER JOIN objects ON seen.object_id = objects.object_id
    LEFT JOIN limits ON seen.object_id = limits.object_id AND seen.band = limits.band
)

SELECT *
FROM found
WHERE
    ($band IS NULL OR band = $band)
    AND (sigma >= $min_sigma OR above_limit >= $min_sigma)
ORDER BY greatest(coalesce(sigma, 0), coalesce(above_limit, 0)) DESC, object_id, band;
