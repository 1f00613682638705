-- Image of a leg as sparse pixels: those with photons, and how many.
--
-- Gnomonic (TAN) projection about the middle of the photons' own range in ra and dec; photons on
-- the detector (flag 0, detrad below 400).  Pixels count from 0, x towards the west, y towards the
-- north, as the images of gphoton-db image do.
--
-- parameters:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
--   pixel     arcsec   side of a pixel, 0.1 or more
-- columns:
--   x         pixel    column of the image, from 0
--   y         pixel    row of the image, from 0
--   counts             photons
--   flat_counts        sum of their weights, 1 / response; without those of response 0
--   ra0       deg      centre of the projection
--   dec0      deg      centre of the projection
--   n_x       pixel    width of the image
--   n_y       pixel    height of the image
-- example:
--   SELECT x, y, counts FROM image_bins(23456, 'NUV', 0) ORDER BY counts DESC LIMIT 10;
CREATE OR REPLACE MACRO image_bins(eclipse, band, leg, pixel := 1.5) AS TABLE
WITH photon AS (
    SELECT
        each.ra,
        each.dec,
        each.response
    FROM photons_of(legs_numbered('photons', eclipse, band, leg)) AS each
    WHERE
        each.eclipse = eclipse AND each.band = checked_band(band) AND each.leg = leg
        AND each.flags = 0 AND each.detrad < 400
),
extent AS (
    -- Right ascensions as offsets from the boresight, which have no seam at RA 0.
    SELECT
        any_value(boresight.ra0) AS origin,
        min((photon.ra - boresight.ra0 + 540) % 360 - 180) AS west,
        max((photon.ra - boresight.ra0 + 540) % 360 - 180) AS east,
        min(photon.dec) AS south,
        max(photon.dec) AS north
    FROM photon, (
        SELECT chosen.ra0
        FROM legs AS chosen
        WHERE
            chosen.eclipse = eclipse AND chosen.band = checked_band(band) AND chosen.leg = leg
    ) AS boresight
),
frame AS (
    SELECT
        (extent.origin + (extent.west + extent.east) / 2 + 360) % 360 AS ra0,
        (extent.south + extent.north) / 2 AS dec0,
        pixel / 3600.0 AS side,
        ceil((extent.east - extent.west) * cos(radians(dec0)) / side)::BIGINT AS n_x,
        ceil((extent.north - extent.south) / side)::BIGINT AS n_y
    FROM extent
    -- What a table function is given is looked at even when there is nothing to join.
    CROSS JOIN range((checked_pixel(pixel) > 0)::INTEGER)
),
angle AS (
    SELECT
        frame.*,
        photon.response,
        cos(radians(photon.dec)) * sin(radians(photon.ra - frame.ra0)) AS u,
        sin(radians(photon.dec)) * cos(radians(frame.dec0))
        - cos(radians(photon.dec)) * sin(radians(frame.dec0))
        * cos(radians(photon.ra - frame.ra0)) AS v,
        sin(radians(photon.dec)) * sin(radians(frame.dec0))
        + cos(radians(photon.dec)) * cos(radians(frame.dec0))
        * cos(radians(photon.ra - frame.ra0)) AS w
    FROM photon, frame
),
placed AS (
    SELECT
        floor(angle.n_x / 2 - degrees(angle.u / angle.w) / angle.side)::BIGINT AS x,
        floor(angle.n_y / 2 + degrees(angle.v / angle.w) / angle.side)::BIGINT AS y,
        angle.response,
        angle.ra0,
        angle.dec0,
        angle.n_x,
        angle.n_y
    FROM angle
)
SELECT
    placed.x,
    placed.y,
    count(*) AS counts,
    coalesce(sum(1 / placed.response::DOUBLE) FILTER (placed.response > 0), 0) AS flat_counts,
    any_value(placed.ra0) AS ra0,
    any_value(placed.dec0) AS dec0,
    any_value(placed.n_x) AS n_x,
    any_value(placed.n_y) AS n_y
FROM placed
WHERE placed.x BETWEEN 0 AND placed.n_x - 1 AND placed.y BETWEEN 0 AND placed.n_y - 1
GROUP BY placed.x, placed.y;
