-- The cells of the sky that cones about some positions touch, as photons have them (column cell).
--
-- Points 2.5 arcsec apart, up to 7.5 arcsec outside of the cone, each with its HEALPix pixel
-- (order $CELL_ORDER nested; Gorski et al. 2005, section 4).  Cells are 26 arcsec wide and no corner of one
-- is sharper than 40 deg, so that whichever touches the cone has a point within these 7.5 arcsec.
--
-- parameters:
--   positions          name of a table, view or subquery with columns ra and dec (deg), as text
--   radius    arcsec   of the cones, above 0 and up to 120
-- columns:
--   ra        deg      the position
--   dec       deg      the position
--   cell               a cell that its cone touches, and perhaps some next to it
-- example:
--   WITH positions AS (FROM (VALUES (323.4928, -2.064), (323.6, -2.1)) AS listed(ra, dec))
--   SELECT ra, dec, count(*) AS cells FROM cells_around('positions', 12.8) GROUP BY ALL;
CREATE OR REPLACE MACRO cells_around(positions, radius) AS TABLE
WITH source AS (
    SELECT DISTINCT
        positive_ra(listed.ra::DOUBLE) AS ra,
        listed.dec::DOUBLE AS dec
    FROM query_table(positions) AS listed
    WHERE checked_position(listed.ra, listed.dec)
),
offset_deg AS (
    SELECT unnest(range(
        -ceil((checked_radius(radius, 120) + 7.5) / 2.5)::INTEGER,
        ceil((radius + 7.5) / 2.5)::INTEGER + 1
    )) * 2.5 / 3600 AS angle
),
-- Steps in the tangential plane, which is exact enough at the poles too.
vector AS (
    SELECT
        source.ra,
        source.dec,
        radians(east.angle) AS xi,
        radians(north.angle) AS eta,
        cos(radians(source.dec)) - eta * sin(radians(source.dec)) AS u,
        sin(radians(source.dec)) + eta * cos(radians(source.dec)) AS v
    FROM source, offset_deg AS east, offset_deg AS north
    -- 2.5 arcsec more: the points of a grid are up to 1.8 arcsec away.
    WHERE sqrt(east.angle ^ 2 + north.angle ^ 2) <= (radius + 10) / 3600
),
point AS (
    SELECT
        vector.ra,
        vector.dec,
        ((radians(vector.ra) + atan2(vector.xi, vector.u)) / (pi() / 2) + 8) % 4 AS turn,
        vector.v / sqrt(1 + vector.xi ^ 2 + vector.eta ^ 2) AS z,
        sqrt((vector.xi ^ 2 + vector.u ^ 2) / (1 + vector.xi ^ 2 + vector.eta ^ 2)) AS cos_dec
    FROM vector
),
-- Along the diagonals of the pixels: jp to the north-east, jm to the south-east.
diagonal AS (
    SELECT
        point.*,
        abs(point.z) > 2 / 3 AS polar,
        least(floor(point.turn), 3)::INTEGER AS quarter,
        $CELL_NSIDE * point.cos_dec / sqrt((1 + abs(point.z)) / 3) AS ring,
        CASE
            WHEN polar THEN least(floor((point.turn - quarter) * ring), $CELL_NSIDE - 1)
            ELSE floor($CELL_NSIDE * (0.5 + point.turn - 0.75 * point.z))
        END::INTEGER AS jp,
        CASE
            WHEN polar THEN least(floor((1 - point.turn + quarter) * ring), $CELL_NSIDE - 1)
            ELSE floor($CELL_NSIDE * (0.5 + point.turn + 0.75 * point.z))
        END::INTEGER AS jm
    FROM point
),
square AS (
    SELECT
        diagonal.ra,
        diagonal.dec,
        CASE
            WHEN polar AND diagonal.z > 0 THEN quarter
            WHEN polar THEN quarter + 8
            WHEN jp // $CELL_NSIDE = jm // $CELL_NSIDE THEN (jp // $CELL_NSIDE) % 4 + 4
            WHEN jp // $CELL_NSIDE < jm // $CELL_NSIDE THEN jp // $CELL_NSIDE
            ELSE jm // $CELL_NSIDE + 8
        END AS face,
        CASE
            WHEN polar AND diagonal.z > 0 THEN $CELL_NSIDE - 1 - jm
            WHEN polar THEN jp
            ELSE jm % $CELL_NSIDE
        END AS x,
        CASE
            WHEN polar AND diagonal.z > 0 THEN $CELL_NSIDE - 1 - jp
            WHEN polar THEN jm
            ELSE $CELL_NSIDE - 1 - jp % $CELL_NSIDE
        END AS y
    FROM diagonal
),
-- The bits of x and y alternate: each is spread out in four steps.
spread AS (
    SELECT
        square.*,
        (square.x | (square.x << 8)) & 16711935 AS x8,
        (square.y | (square.y << 8)) & 16711935 AS y8,
        (x8 | (x8 << 4)) & 252645135 AS x4,
        (y8 | (y8 << 4)) & 252645135 AS y4,
        (x4 | (x4 << 2)) & 858993459 AS x2,
        (y4 | (y4 << 2)) & 858993459 AS y2,
        (x2 | (x2 << 1)) & 1431655765 AS x1,
        (y2 | (y2 << 1)) & 1431655765 AS y1
    FROM square
)
SELECT DISTINCT
    spread.ra,
    spread.dec,
    (spread.face * ($CELL_NSIDE * $CELL_NSIDE) + spread.x1 + 2 * spread.y1)::INTEGER AS cell
FROM spread;
