-- Photons of each flag, by eclipse, band and leg, and which part of the leg's photons they are.
--
-- parameters:
--   eclipse := NULL    BIGINT    number of the eclipse; all if it is left out
--   band := NULL       BAND      NUV or FUV; both if it is left out
-- columns:
--   eclipse             number of the eclipse
--   band                'NUV' or 'FUV'
--   leg                 number, from 0
--   flags               $FLAG_GOOD good; $FLAG_NO_POINTING, $FLAG_BAD_POINTING, $FLAG_GHOST: see meaning
--   meaning             why such a photon has no trusted position
--   n_photons           how many there are
--   fraction            of all photons of the leg
-- example:
--   gphoton-db query flag_census --eclipse 23456
SELECT
    eclipse,
    band,
    leg,
    flags,
    photon_flag_name(flags) AS meaning,
    count(*) AS n_photons,
    count(*) / sum(count(*)) OVER (PARTITION BY eclipse, band, leg) AS fraction
FROM eclipse_photons($eclipse, band := $band)
GROUP BY eclipse, band, leg, flags
ORDER BY eclipse, band, leg, flags;
