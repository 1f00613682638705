-- Sources that vary within a visit, as gphoton-db finds them: a score, and no warnings.
--
-- A score of 4.5 is what one constant source in 10,000 has.  Rows with warnings, which an
-- instrument may have made vary, are there with warned := true; of legs of one or two turns of the
-- dither (113 s) these are flares, too.  Numbers are rounded; the view variables has all digits.
--
-- parameters:
--   min_score := 4.5       DOUBLE        lowest score
--   warned := false        BOOLEAN       those with warnings, too
--   min_photons := 0       BIGINT        fewest photons in the aperture
--   band := NULL           BAND          NUV or FUV; both if it is left out
-- columns:
--   source_id                 name of the source
--   eclipse                   number of the eclipse
--   band                      'NUV' or 'FUV'
--   leg                       number, from 0
--   ra               deg      right ascension
--   dec              deg      declination
--   cps              1/s      rate, with the background
--   score                     minus the logarithm of the smallest probability, of all tests
--   reasons                   tests with small probabilities
--   warnings                  what an instrument may have done
--   flare_t0         s        first photon of the best burst, GALEX time
--   flare_window     s        length of its window
--   flare_photons             photons in it
--   flare_expected            photons of a constant source in it
--   period           s        of the highest peak of the periodogram, which may be of noise
--   period_p                  its probability: of a real period it is small
--   excess_variance           normalised excess variance
-- example:
--   gphoton-db query variable_candidates --min-score 6 --band NUV
SELECT
    source_id,
    eclipse,
    band,
    leg,
    round(ra, 6) AS ra,
    round(dec, 6) AS dec,
    round(cps, 4) AS cps,
    round(score, 2) AS score,
    reasons,
    warnings,
    round(flare_t0, 3) AS flare_t0,
    flare_window,
    flare_photons,
    round(flare_expected, 2) AS flare_expected,
    round(period, 2) AS period,
    period_p,
    round(excess_variance, 5) AS excess_variance
FROM variables
WHERE
    variables.score >= $min_score
    AND photons >= $min_photons
    AND ($warned OR len(warnings) = 0)
    AND ($band IS NULL OR band = $band)
ORDER BY variables.score DESC, source_id, band;
