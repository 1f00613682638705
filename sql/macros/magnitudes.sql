-- A ratio of two brightnesses in magnitudes; NULL for a ratio that is not positive.
--
-- parameters:
--   ratio              of two count rates or fluxes
-- returns:  mag        2.5 log10(ratio)
-- example:
--   SELECT magnitudes(100);
CREATE OR REPLACE MACRO magnitudes(ratio) AS CASE WHEN ratio > 0 THEN 2.5 * log10(ratio) END;
