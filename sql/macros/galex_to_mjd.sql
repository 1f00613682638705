-- Modified Julian date (UTC) of a GALEX time, as astropy has it.
--
-- Days with a leap second at their end are a second longer in UTC, but not in GALEX time.
-- The leap second itself cannot be told from the second after it, and counts as that one.
--
-- parameters:
--   t         s        GALEX time
-- returns:  d          modified Julian date
-- example:
--   SELECT galex_to_mjd(758738047.995);
CREATE OR REPLACE MACRO galex_to_mjd(t) AS
    $MJD_OF_UNIX_EPOCH + $GALEX_TO_UNIX_S // 86400 + floor(t::DOUBLE / 86400)
    + (t::DOUBLE - floor(t::DOUBLE / 86400) * 86400) / (
        86400 + (
            $MJD_OF_UNIX_EPOCH + $GALEX_TO_UNIX_S // 86400 + floor(t::DOUBLE / 86400)
            IN ($LEAP_SECOND_DAYS)
        )::INTEGER
    );
