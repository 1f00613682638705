-- Events at each distinct time of each leg: all photons, and those with flag 0.  Exact exposure
-- of any interval follows from these alone.  $source reads the files that leg_files lists.
CREATE OR REPLACE VIEW ticks AS
SELECT
    eclipse,
    band,
    leg,
    t_ms / 1000.0 AS t,                                    -- GALEX time, s
    events,
    unflagged,
    t_ms                                                   -- GALEX time, ms, exact
FROM $source;
