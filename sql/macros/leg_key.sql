-- One number for each leg of each band, to join and group by: texts take twice as long.
--
-- parameters:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
-- returns:             integer
-- example:
--   SELECT leg_key(23456, 'NUV', 0);
CREATE OR REPLACE MACRO leg_key(eclipse, band, leg) AS
    eclipse::BIGINT * 512 + leg * 2 + (band = 'FUV')::INTEGER;
