-- The brightest HEALPix cells (26 arcsec wide) of an eclipse: where its bright sources are.
--
-- Counts are weighted (1 / response) good photons within $ON_DETECTOR_PIXELS pixels of the detector's centre; a
-- star on the border of two cells has its photons in both. Reads every photon of the eclipse.
--
-- parameters:
--   eclipse         BIGINT          number of the eclipse
--   band            BAND            NUV or FUV
--   limit := 20     BIGINT          cells to list
-- columns:
--   leg                 number, from 0
--   cell                HEALPix pixel, order $CELL_ORDER nested
--   ra       deg        weighted mean of its photons
--   dec      deg        weighted mean of its photons
--   counts              good photons
--   flat_counts         sum of their weights
--   cps      1/s        flat_counts / exposure of the leg
-- example:
--   gphoton-db query brightest_cells --eclipse 23456 --band NUV --limit 10
SELECT
    photon.leg,
    photon.cell,
    -- Counted from the boresight, so that a cell on RA 0 has its mean there.
    (
        any_value(legs.ra0)
        + sum(((photon.ra - legs.ra0 + 540) % 360 - 180) / photon.response)
        / sum(1 / photon.response)
        + 360
    ) % 360 AS ra,
    sum(photon."dec" / photon.response) / sum(1 / photon.response) AS "dec",
    count(*) AS counts,
    sum(1 / photon.response) AS flat_counts,
    sum(1 / photon.response) / any_value(legs.exposure) AS cps
FROM eclipse_photons($eclipse, band := $band) AS photon
INNER JOIN rows_of('legs', [$eclipse]) AS legs
    ON photon.eclipse = legs.eclipse AND photon.band = legs.band AND photon.leg = legs.leg
WHERE
    photon.flags = 0 AND photon.response > 0 AND photon.detrad < $ON_DETECTOR_PIXELS
GROUP BY photon.leg, photon.cell
ORDER BY cps DESC, photon.leg, photon.cell
LIMIT $limit;
