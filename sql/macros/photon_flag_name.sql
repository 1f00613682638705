-- What a photon's flag means: why it has no trusted position.
--
-- parameters:
--   flags              the column flags of photons
-- returns:             text
-- example:
--   SELECT photon_flag_name(flags) AS reason, count(*) AS n FROM photons GROUP BY ALL;
CREATE OR REPLACE MACRO photon_flag_name(flags) AS CASE flags
    WHEN 0 THEN 'good'
    WHEN 6 THEN 'off detector'
    WHEN 7 THEN 'no pointing'
    WHEN 8 THEN 'no wiggle correction'
    WHEN 9 THEN 'no walk correction'
    WHEN 10 THEN 'no linearity correction'
    WHEN 11 THEN 'no distortion correction'
    WHEN 12 THEN 'bad pointing or off detector'
    WHEN 120 THEN 'ghost'
    ELSE 'unknown'
END;
