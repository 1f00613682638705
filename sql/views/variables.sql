-- How sources vary in a band of a leg: one row for each source, band and leg; none is left out.
--
-- The latest of each leg, band and catalogue (gphoton-db variables).  Rows go when either band of the
-- leg is ingested anew, and when entries are detected anew.  A probability (columns ending in _p) is
-- that of a constant source; NULL: it cannot be said.  Cuts are for WHERE: a score of 4.5, without
-- warnings (query variable_candidates), is what one constant source in 10,000 has.
--
-- columns:
--   eclipse                       number of the eclipse
--   band                          'NUV' or 'FUV'
--   leg                           number, from 0
--   catalog                       'entries' (those of the view catalogue), or the name of the list
--   source                        number in it
--   source_id                     name of the entry of catalogue; of lists, name of the list and
--             number
--   ra                   deg      right ascension (ICRS)
--   dec                  deg      declination
--   radius               arcsec   of the aperture
--   depth                s        length of the bins
--   t0                   s        first photon of the leg, GALEX time
--   t1                   s        last photon of the leg
--   exposure             s        of the bins that were used, corrected for dead time
--   photons                       unflagged photons with a weight in the aperture, in these bins
--   cps                  1/s      rate, of their weights, with the background
--   cps_err              1/s      its error
--   background_cps       1/s      background in the aperture, from an annulus; 0 where there is none
--   n_bins                        bins that were used: those with half of their time exposed
--   n_dropped                     bins that were not
--   n_clean                       bins that were used and have no photon on a hotspot mask or at the
--             narrow edge
--   chi2                          of the counts in bins about those of a constant source (Pearson)
--   dof                           n_bins - 1
--   poisson_ratio                 twice the logarithm of the likelihood ratio of the bins' own rates
--             and a constant
--   constant_p                    probability of such a ratio, or a larger one, of a constant source
--   excess_variance               variance of the source's rate beyond that of its counts, by the
--             square of its mean; NULL: it is no source
--   excess_variance_err           its error
--   anderson_darling              statistic of the clean bins' rates against a normal distribution
--   anderson_darling_p            its probability; of few counts, which are not normal, not that of a
--             constant
--   max_cps              1/s      largest rate of a clean bin
--   n_high                        clean bins 3 errors each above the second lowest one
--   n_low                         clean bins 3 errors each below the second highest one
--   flare_p                       probability of the highest burst of photons, over all windows and
--             times
--   flare_window         s        length of the window that it is in: 1, 5, 20, 60 or 200
--   flare_t0             s        first photon of it, GALEX time
--   flare_t1             s        last photon of it
--   flare_photons                 photons in the window
--   flare_expected                photons of a constant source in the window
--   dip_p                         probability of the deepest dip, over all windows and times
--   dip_window           s        length of the window that it is in
--   dip_t0               s        its start, GALEX time
--   dip_t1               s        its end
--   dip_photons                   photons in the window
--   dip_expected                  photons of a constant source in the window
--   trend_p                       probability of such a steady rise or fall of a constant source
--   period               s        of the highest peak of the periodogram, without the harmonics of the
--             dither
--   period_p                      its probability, over all frequencies
--   period_amplitude              of the sinusoid, by the mean rate of the source and background
--   n_blocks                      Bayesian blocks of the photons' times; NULL: score is below 3
--   block_max_cps        1/s      highest rate of a block
--   other_photons                 photons of the other band in the window of the flare; NULL: there is
--             no other
--   other_expected                photons of a constant source in it
--   coincidence_p                 probability of so many, or more
--   dither_p                      probability that the rate goes with the place on the detector by
--             chance
--   dither_part                   part of the variance of the bins that goes with it
--   step_p                        probability that it goes with its neighbours' rates by chance; NULL:
--             it has none
--   n_neighbours                  sources within 120 arcsec whose apertures do not overlap
--   hotspot                       part of the photons in the aperture that are on a masked hotspot
--   ghost                         part that is in a ghost image
--   wide_edge                     part beyond the wide edge of the detector
--   narrow_edge                   part beyond the narrow edge
--   low_q                         part with a pulse height below 5
--   q_mean                        mean pulse height
--   score                         minus the logarithm (10) of the smallest of these probabilities
--             times their number
--   reasons                       of constant, flare, dip, trend, period, coincidence: whose
--             probability is below 1e-3
--   warnings                      of hotspot, ghost, edge, dither, step, low_q, dropped, shared: what
--             an instrument may have done
-- example:
--   SELECT source_id, band, score, reasons, flare_window, flare_photons, flare_expected FROM variables
--   WHERE score >= 4.5 AND len(warnings) = 0 ORDER BY score DESC;
CREATE OR REPLACE VIEW variables AS
SELECT
    each.eclipse,
    each.band,
    each.leg,
    each.catalog,
    each.source,
    each.source_id,
    each.ra,
    each.dec,
    each.radius,
    each.depth,
    each.t0,
    each.t1,
    each.exposure,
    each.photons,
    each.cps,
    each.cps_err,
    each.background_cps,
    each.n_bins,
    each.n_dropped,
    each.n_clean,
    each.chi2,
    each.dof,
    each.poisson_ratio,
    each.constant_p,
    each.excess_variance,
    each.excess_variance_err,
    each.anderson_darling,
    each.anderson_darling_p,
    each.max_cps,
    each.n_high,
    each.n_low,
    each.flare_p,
    each.flare_window,
    each.flare_t0,
    each.flare_t1,
    each.flare_photons,
    each.flare_expected,
    each.dip_p,
    each.dip_window,
    each.dip_t0,
    each.dip_t1,
    each.dip_photons,
    each.dip_expected,
    each.trend_p,
    each.period,
    each.period_p,
    each.period_amplitude,
    each.n_blocks,
    each.block_max_cps,
    each.other_photons,
    each.other_expected,
    each.coincidence_p,
    each.dither_p,
    each.dither_part,
    each.step_p,
    each.n_neighbours,
    each.hotspot,
    each.ghost,
    each.wide_edge,
    each.narrow_edge,
    each.low_q,
    each.q_mean,
    each.score,
    each.reasons,
    each.warnings
FROM $stored_variables AS each;
