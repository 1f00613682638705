-- Calendar time of a GALEX time.
--
-- Both count without leap seconds since 1980-01-06T00:00:00, as the mission's own time stamps do: a
-- leap second, 23:59:60, is 00:00:00 of the next day.
--
-- parameters:
--   t         s        GALEX time
-- returns:  timestamp  UTC, to the microsecond
-- example:
--   SELECT galex_to_utc(758738047.995);
CREATE OR REPLACE MACRO galex_to_utc(t) AS
    make_timestamp(round(t::DOUBLE * 1000000)::BIGINT + $GALEX_TO_UNIX_US);
