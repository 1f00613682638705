-- Modified Julian date of a GALEX time (UTC, without leap seconds since 1980).
--
-- parameters:
--   t         s        GALEX time
-- returns:  d          modified Julian date
-- example:
--   SELECT galex_to_mjd(758738047.995);
CREATE OR REPLACE MACRO galex_to_mjd(t) AS (t::DOUBLE + $GALEX_TO_UNIX_S) / 86400 + $MJD_OF_UNIX_EPOCH;
