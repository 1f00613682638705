-- A right ascension from -180 to 360 deg as one from 0 to 360.
--
-- parameters:
--   ra        deg      -180 to 360
-- returns:  deg        0 to 360
-- example:
--   SELECT positive_ra(-36.5);
CREATE OR REPLACE MACRO positive_ra(ra) AS CASE WHEN ra < 0 THEN ra + 360 ELSE ra END;
