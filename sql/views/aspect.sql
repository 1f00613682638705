-- The pointing that each leg was reduced with, normally one row a second.
--
-- columns:
--   eclipse          number of the eclipse
--   band             'NUV' or 'FUV'
--   leg              number, from 0
--   t         s      GALEX time
--   ra        deg    boresight
--   dec       deg    boresight
--   roll      deg    roll angle
--   flags            odd: not part of the observation
--   t_ms      ms     GALEX time, exact
-- example:
--   SELECT t, ra, dec, roll FROM aspect WHERE eclipse = 23456 ORDER BY t;
CREATE OR REPLACE VIEW aspect AS
FROM aspect_of(archive_legs('aspect'));
