-- Photons that can be weighed: flag 0, on the flat, and not on one of its dead pixels.
--
-- columns:
--   (all)            the columns of photons
--   weight           1 / response: the photons that a perfect pixel would have counted
-- example:
--   SELECT band, sum(weight) AS flat_counts FROM good_photons WHERE eclipse = 23456 GROUP BY ALL;
CREATE OR REPLACE VIEW good_photons AS
SELECT
    *,
    1 / response::DOUBLE AS weight
FROM photons
WHERE flags = 0 AND response > 0;
