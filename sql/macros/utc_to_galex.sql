-- GALEX time of a calendar time.
--
-- parameters:
--   utc       timestamp  UTC
-- returns:  s          GALEX time: seconds since 1980-01-06T00:00:00 without leap seconds
-- example:
--   SELECT utc_to_galex('2004-01-21 16:34:07.995');
CREATE OR REPLACE MACRO utc_to_galex(utc) AS
    (epoch_us(utc::TIMESTAMP) - $GALEX_TO_UNIX_US) / 1000000;
