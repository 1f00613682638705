-- Flares, of the light curves that were searched last: one row a flare and band.
--
-- A flare is a range of bins around one that lies sigma of its errors above the quiescent rate; it ends
-- where two bins in a row are within one error of it.  No model is in it, and none is rejected: all
-- cuts are yours.  Its range is that of one band, and both bands are measured over it.
--
-- columns:
--   name                    of the star, where the list had names; else NULL
--   ra               deg    place of the light curve
--   dec              deg    place of the light curve
--   radius           arcsec of its aperture
--   step             s      length of its bins
--   eclipse                 number of the eclipse
--   leg                     number, from 0
--   band                    'NUV' or 'FUV': in which the row is measured
--   ranges_of               'NUV' or 'FUV': in which the flare was found
--   flare                   number in the visit and ranges_of, from 1, by time
--   t0               s      start of its first bin, GALEX time
--   t_peak           s      middle of its brightest bin
--   t1               s      end of its last bin
--   n_bins                  bins that were measured
--   n_seeds                 those that lie sigma errors above quiescence
--   n_both                  those that do so in both bands at once
--   n_left_out              bins of the visit that were left out: little exposure, or flags
--   exposure         s      of the bins, corrected for dead time
--   missing          s      of the range without a bin: the fluence lacks what was there
--   cut_before              whether the visit or a gap began before the flare did
--   cut_after               whether the visit or a gap ended it
--   peak_at_edge            whether the brightest bin is the first or the last of the visit
--   quiet_elsewhere         whether quiescence is of the star's other visits: this one has none
--   quiescence       1/s    rate outside of flares, with the aperture correction
--   quiescence_err   1/s    its error
--   peak_cps         1/s    above quiescence, in the brightest bin, with the aperture correction
--   peak_cps_err     1/s    its error
--   excess           photon rate above quiescence times length, over all bins, with the correction
--   excess_err       photon its error, with that of quiescence
--   significance            standard deviations of the photons above those expected, by Li & Ma (1983)
--   fluence          erg/cm2 excess times flux density of one photon times effective width
--   fluence_err      erg/cm2 its error
--   distance         pc     of the star; NULL: not known
--   distance_err     pc     its error; NULL: not known
--   energy           erg    in the band, into all directions; NULL without a distance
--   energy_err       erg    its error
--   temperature      K      of a black body with the ratio of the bands; NULL: not asked for, or none
--   temperature_err  K      its error
--   template_t_peak  s      peak of the fitted template, GALEX time; NULL, as all of it: no fit
--   template_t_peak_err s   its error
--   template_peak    1/s    its height above quiescence
--   template_peak_err 1/s   its error
--   template_fwhm    s      its full width at half maximum
--   template_fwhm_err s     its error
--   template_fluence erg/cm2 of all of it, past the end of the visit too
--   template_fluence_err erg/cm2 its error
--   template_chi2           of the fit
--   template_dof            bins less three
--   aperture_correction mag that rates were corrected with; NULL: none is known for the radius
--   nonlinear               whether rates were corrected for the detector's non-linearity
--   flags                   bits of the light curve, of all of its bins
--   warnings                bits of the light curve, of all of its bins
--   recipe                  'own', or 'gj65': as the published flares of GJ 65
--   sigma                   how many errors above quiescence a seed is
-- example:
--   SELECT name, eclipse, t_peak, t1 - t0 AS duration, significance, log10(energy) AS log_energy
--   FROM flares WHERE band = 'NUV' AND ranges_of = 'NUV' AND (n_seeds > 1 OR n_both > 0) AND significance > 5
--   ORDER BY energy DESC NULLS LAST;
CREATE OR REPLACE VIEW flares AS
SELECT
    each.name,
    each.ra,
    each.dec,
    each.radius,
    each.step,
    each.eclipse,
    each.leg,
    each.band,
    each.ranges_of,
    each.flare,
    each.t0,
    each.t_peak,
    each.t1,
    each.n_bins,
    each.n_seeds,
    each.n_both,
    each.n_left_out,
    each.exposure,
    each.missing,
    each.cut_before,
    each.cut_after,
    each.peak_at_edge,
    each.quiet_elsewhere,
    each.quiescence,
    each.quiescence_err,
    each.peak_cps,
    each.peak_cps_err,
    each.excess,
    each.excess_err,
    each.significance,
    each.fluence,
    each.fluence_err,
    each.distance,
    each.distance_err,
    each.energy,
    each.energy_err,
    each.temperature,
    each.temperature_err,
    each.template_t_peak,
    each.template_t_peak_err,
    each.template_peak,
    each.template_peak_err,
    each.template_fwhm,
    each.template_fwhm_err,
    each.template_fluence,
    each.template_fluence_err,
    each.template_chi2,
    each.template_dof,
    each.aperture_correction,
    each.nonlinear,
    each.flags,
    each.warnings,
    each.recipe,
    each.sigma
FROM $stored_flares AS each;
