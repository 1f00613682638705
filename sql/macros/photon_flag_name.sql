-- What a photon's flag means: why it has no trusted position.
--
-- parameters:
--   flags              the column flags of photons
-- returns:             text
-- example:
--   SELECT photon_flag_name(flags) AS reason, count(*) AS n FROM photons GROUP BY ALL;
CREATE OR REPLACE MACRO photon_flag_name(flags) AS CASE flags
    WHEN $FLAG_GOOD THEN 'good'
    WHEN $FLAG_OFF_DETECTOR THEN 'off detector'
    WHEN $FLAG_NO_POINTING THEN 'no pointing'
    WHEN $FLAG_WIGGLE THEN 'no wiggle correction'
    WHEN $FLAG_WALK THEN 'no walk correction'
    WHEN $FLAG_LINEARITY THEN 'no linearity correction'
    WHEN $FLAG_DISTORTION THEN 'no distortion correction'
    WHEN $FLAG_BAD_POINTING THEN 'bad pointing or off detector'
    WHEN $FLAG_GHOST THEN 'ghost'
    ELSE 'unknown'
END;
