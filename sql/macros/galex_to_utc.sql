-- Calendar time of a GALEX time.
--
-- Both count without leap seconds since 1980-01-06T00:00:00, as the mission's own time stamps do.
--
-- parameters:
--   t         s        GALEX time
-- returns:  timestamp  UTC, to the microsecond
-- example:
--   SELECT galex_to_utc(758738047.995);
CREATE OR REPLACE MACRO galex_to_utc(t) AS
    make_timestamp(round((t::DOUBLE + $GALEX_TO_UNIX_S) * 1000000)::BIGINT);
