-- Events at each distinct time of each leg: all photons, and those with flag 0.
--
-- Exact exposure of any interval follows from these alone: see exposure_bins.
--
-- columns:
--   eclipse          number of the eclipse
--   band             'NUV' or 'FUV'
--   leg              number, from 0
--   t         s      GALEX time
--   events           photons at this time
--   unflagged        those of them with flag 0
--   t_ms      ms     GALEX time, exact
-- example:
--   SELECT sum(events) AS n FROM ticks WHERE eclipse = 23456 AND band = 'NUV';
CREATE OR REPLACE VIEW ticks AS
FROM ticks_of(archive_legs('ticks'));
