-- The pointing that each leg was reduced with, normally one row a second.  $source reads the files
-- that leg_files lists.
CREATE OR REPLACE VIEW aspect AS
SELECT
    eclipse,
    band,
    leg,
    t_ms / 1000.0 AS t,                                    -- GALEX time, s
    ra,                                                    -- boresight, deg
    dec,                                                   -- deg
    roll,                                                  -- deg
    flags,                                                 -- odd = not part of the observation
    t_ms                                                   -- GALEX time, ms, exact
FROM $source;
