-- The names of the bits that are set in the flags of a light curve.
--
-- 1 hotspot: a photon on a detector hotspot in the aperture; 2 edge: one beyond detrad $WIDE_EDGE_PIXELS, where
-- images have their wide edge; 4 short: exposure below half the bin; 8 response: one with a response below
-- $LOW_RESPONSE;
-- 16 bright: rate where the detector is 10 % non-linear (FUV $FUV_NONLINEAR_RATE, NUV $NUV_NONLINEAR_RATE counts a second);
-- 32 off axis: one with detrad beyond $OFF_AXIS_DEG deg; 64 and 128: the same as 1 and 2 in the annulus.
--
-- parameters:
--   flags              the column flags of lightcurve or visit_lightcurve
-- returns:             list of text; empty when no bit is set
-- example:
--   SELECT t0, lightcurve_flag_names(flags) AS warnings FROM lightcurve(323.4928, -2.064);
CREATE OR REPLACE MACRO lightcurve_flag_names(flags) AS list_filter(
    list_transform(
        [
            'hotspot', 'edge', 'short', 'response', 'bright', 'off axis',
            'annulus hotspot', 'annulus edge'
        ],
        lambda name, k: CASE WHEN (flags::INTEGER >> (k - 1)::INTEGER) & 1 = 1 THEN name END
    ),
    lambda name: name IS NOT NULL
);
