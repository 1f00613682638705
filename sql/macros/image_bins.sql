-- Image of a leg as sparse pixels: those with photons, and how many.
--
-- Gnomonic (TAN) projection about the middle of the photons' own range in ra and dec, or at a pole
-- about the boresight; all photons on the detector (flag 0, detrad below $ON_DETECTOR_PIXELS).  Pixels count from 0,
-- x towards the west, y towards the north.  Size and place are those of gphoton-db image.
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
    FROM eclipse_photons(eclipse, band, leg) AS each
    WHERE
        each.eclipse = checked_whole(eclipse, 'eclipse') AND each.band = checked_band(band)
        AND each.leg = checked_whole(leg, 'leg')
        AND each.flags = 0 AND each.detrad < $ON_DETECTOR_PIXELS
),
extent AS (
    -- Right ascensions as offsets from the boresight, which have no seam at RA 0.
    SELECT
        any_value(boresight.ra0) AS origin,
        any_value(boresight.dec0) AS origin_dec,
        2 * any_value(boresight.radius) AS field,
        min((photon.ra - boresight.ra0 + 540) % 360 - 180) AS west,
        max((photon.ra - boresight.ra0 + 540) % 360 - 180) AS east,
        min(photon.dec) AS south,
        max(photon.dec) AS north
    FROM photon, (
        SELECT
            chosen.ra0,
            chosen.dec0,
            chosen.radius
        FROM rows_of('legs', [checked_whole(eclipse, 'eclipse')]) AS chosen
        WHERE
            chosen.eclipse = checked_whole(eclipse, 'eclipse') AND chosen.band = checked_band(band)
            AND chosen.leg = checked_whole(leg, 'leg')
    ) AS boresight
),
frame AS (
    SELECT
        -- Bounds in right ascension that are wider are no measure of a field: it is at a pole.
        extent.east - extent.west > 90 AS polar,
        CASE
            WHEN polar THEN extent.origin
            ELSE (extent.origin + (extent.west + extent.east) / 2 + 360) % 360
        END AS ra0,
        CASE WHEN polar THEN extent.origin_dec ELSE (extent.south + extent.north) / 2 END AS dec0,
        CASE
            WHEN polar THEN extent.field ELSE (extent.east - extent.west) * cos(radians(dec0))
        END AS width,
        CASE WHEN polar THEN extent.field ELSE extent.north - extent.south END AS height,
        pixel / 3600.0 AS side,
        ceil(width / side)::BIGINT AS n_x,
        ceil(height / side)::BIGINT AS n_y
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
flat AS (
    SELECT
        -degrees(angle.u / angle.w) / angle.side AS x,
        degrees(angle.v / angle.w) / angle.side AS y,
        angle.response,
        angle.ra0,
        angle.dec0,
        angle.n_x,
        angle.n_y
    FROM angle
),
-- In the projection a field is a little larger than its bounds: pixels that are missing on a side.
missing AS (
    SELECT
        greatest(floor(max(abs(flat.x)) - any_value(flat.n_x) / 2)::BIGINT + 1, 0) AS columns,
        greatest(floor(max(abs(flat.y)) - any_value(flat.n_y) / 2)::BIGINT + 1, 0) AS rows
    FROM flat
),
placed AS (
    SELECT
        flat.n_x + 2 * missing.columns AS n_x,
        flat.n_y + 2 * missing.rows AS n_y,
        floor(flat.n_x / 2 + missing.columns + flat.x)::BIGINT AS x,
        floor(flat.n_y / 2 + missing.rows + flat.y)::BIGINT AS y,
        flat.response,
        flat.ra0,
        flat.dec0
    FROM flat, missing
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
GROUP BY placed.x, placed.y;
