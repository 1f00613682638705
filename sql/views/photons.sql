-- Every photon of every leg, flagged ones included (ra, dec are NULL there).  $source reads the
-- files that leg_files lists.  Filters on eclipse, band and leg skip whole files; filters on ra,
-- dec, t_ms and cell skip row groups.
CREATE OR REPLACE VIEW photons AS
SELECT
    eclipse,
    band,
    leg,
    t_ms / 1000.0 AS t,                                    -- GALEX time, s
    ra,                                                    -- deg
    dec,                                                   -- deg
    col,                                                   -- detector pixel, 0 to 800
    "row",                                                 -- detector pixel, 0 to 800
    sqrt((col - 400) ^ 2 + ("row" - 400) ^ 2) AS detrad,   -- pixels from the detector's centre
    flags,                                                 -- 0 good, 7, 12, 120 (ghost)
    mask,                                                  -- true on a detector hotspot
    response,                                              -- a photon's weight is 1 / response
    q,                                                     -- pulse height, 0 to 31
    ya,                                                    -- y wiggle phase, 0 to 31
    cell,                                                  -- HEALPix order 13 nested, -1 = none
    t_ms                                                   -- GALEX time, ms, exact
FROM $source;
