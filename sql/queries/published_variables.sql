-- Sources that vary within a visit, as the recipe of the GALEX Flare Catalog selects them.
--
-- Bins of 30 s in 12.8 arcsec without photons of masks or edges: exposure and bins enough, a rate
-- above the least one, at least so many bins 3 errors each above the second lowest one, not normal
-- at 5 %; of candidates within 40 pixels the one with the largest change; no eclipse with 20 or more.
-- The recipe is theirs, spikes included: what variable_candidates finds is complete.
--
-- parameters:
--   min_exposure := 500    DOUBLE  s     least exposure of the leg
--   min_bins := 0.75       DOUBLE        part of the bins that must be left
--   min_cps := 0.5         DOUBLE  1/s   some bin has more
--   min_high := 3          BIGINT        fewest bins above the second lowest one
--   normal := 0.05         DOUBLE        largest probability of Anderson and Darling's test
--   crowd := 20            BIGINT        candidates of an eclipse from which on all are rejected
-- columns:
--   source_id                 name of the source
--   eclipse                   number of the eclipse
--   band                      'NUV' or 'FUV'
--   leg                       number, from 0
--   ra               deg      right ascension
--   dec              deg      declination
--   cps              1/s      rate, with the background
--   max_cps          1/s      largest rate of a clean bin
--   n_high                    bins above the second lowest one
--   anderson_darling_p        probability of a normal distribution
--   score                     what gphoton-db makes of it
--   reasons                   and why
--   warnings                  what an instrument may have done
-- example:
--   gphoton-db query published_variables
WITH candidates AS (
    SELECT *
    FROM variables
    WHERE
        exposure >= $min_exposure
        AND n_clean >= $min_bins * (n_bins + n_dropped)
        AND max_cps > $min_cps
        AND n_high >= $min_high
        AND anderson_darling_p < $normal
),

thinned AS (
    SELECT mine.*
    FROM candidates AS mine
    WHERE NOT EXISTS (
        FROM candidates AS other
        WHERE
            other.eclipse = mine.eclipse
            AND other.leg = mine.leg
            AND other.band = mine.band
            AND other.catalog = mine.catalog
            AND other.max_cps - other.cps > mine.max_cps - mine.cps
            AND separation(other.ra, other.dec, mine.ra, mine.dec) < 60
    )
)

SELECT
    source_id,
    eclipse,
    band,
    leg,
    ra,
    dec,
    cps,
    max_cps,
    n_high,
    anderson_darling_p,
    score,
    reasons,
    warnings
FROM thinned
QUALIFY count(*) OVER (PARTITION BY eclipse, catalog) < $crowd
ORDER BY eclipse, leg, source_id, band;
