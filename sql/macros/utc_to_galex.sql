-- GALEX time of a calendar time.
--
-- Text and TIMESTAMPs without a zone are UTC; a zone in text (Z, -07:00, America/New_York) and
-- TIMESTAMPTZ say which instant they are, whatever the session's zone is.  A leap second, 23:59:60,
-- is the second after it.
--
-- parameters:
--   utc       timestamp  TIMESTAMP (UTC), TIMESTAMPTZ, DATE, or text
-- returns:  s          GALEX time: seconds since 1980-01-06T00:00:00 without leap seconds
-- example:
--   SELECT utc_to_galex('2004-01-21 16:34:07.995');
CREATE OR REPLACE MACRO utc_to_galex(utc) AS (
    -- As text, because a cast between types would take the session's clock, or pass the zone by.
    CASE
        WHEN regexp_matches(utc::VARCHAR, '\d:\d\d(:\d\d(\.\d*)?)?\s*[^\s\d:.]')
            THEN epoch_us(regexp_replace(utc::VARCHAR, ':(\d[49]):60', ':\1:59')::TIMESTAMPTZ)
        ELSE epoch_us(regexp_replace(utc::VARCHAR, ':59:60', ':59:59')::TIMESTAMP)
    END
    + CASE WHEN regexp_matches(utc::VARCHAR, ':\d[49]:60') THEN 1000000 ELSE 0 END
    - $GALEX_TO_UNIX_US
) / 1000000;
