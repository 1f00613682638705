-- Catalogue entries: one row for each source of a leg, measured in both bands at one position.
--
-- The latest of each leg (gphoton-db catalogue).  Entries of a leg one of whose bands was ingested
-- anew are gone.  Lists have a value for each aperture of `radii`, from 1: nuv_aper_cps[5].
--
-- columns:
--   source_id               its name: eclipse, leg, number and bands, as 23456_0_17_nf
--   eclipse                 number of the eclipse
--   leg                     number, from 0
--   source                  number in the leg, from 1: by declination
--   ra                      deg           right ascension (ICRS)
--   dec                     deg           declination
--   ra_err                  arcsec        error of the position along right ascension, on the sky
--   dec_err                 arcsec        error along declination
--   bands                   where it was detected: 'NUV', 'FUV' or 'NUV FUV'
--   match_flag              'best' pair; 'ambiguous': others near; 'single': one band
--   separation              arcsec        between the detections of the two bands; NULL: of one
--             band
--   radii                   arcsec        of the apertures, rising
--   radius                  arcsec        of the aperture of the columns without aper_
--   nuv_source              number of its detection in sources (catalog 'detected'); NULL: not
--             detected in NUV
--   nuv_exposure            s             of the leg, corrected for dead time; NULL, as all of
--             NUV: the band is not there
--   nuv_coverage            bits of COVERAGE at the position: 0 was never seen
--   nuv_hotspot             whether any photon in the aperture was on a masked hotspot
--   nuv_ghost               whether any was in a ghost image
--   nuv_wide_edge           whether any was beyond the wide edge of the detector
--   nuv_narrow_edge         whether any was beyond the narrow edge
--   nuv_dispersion          pixel         standard deviations of detector column and row, added
--             up: low on hotspots
--   nuv_q_mean              mean pulse height of the photons in the aperture
--   nuv_ya_mean             mean y wiggle phase of them
--   nuv_col                 pixel         their mean place on the detector
--   nuv_row                 pixel         their mean place on the detector
--   nuv_photons             unflagged photons in the aperture of `radius`
--   nuv_counts              sum of their weights, 1 / response
--   nuv_counts_err          its error
--   nuv_cps                 1/s           counts / exposure, with the background
--   nuv_cps_err             1/s           its error
--   nuv_mag                 mag           AB magnitude of cps; NULL without counts
--   nuv_mag_err_1           mag           how much brighter it may be by the error
--   nuv_mag_err_2           mag           how much fainter; NULL: there may be nothing
--   nuv_sky                 1/s/arcsec2   background in an annulus around it, without known
--             sources
--   nuv_sky_err             1/s/arcsec2   its error
--   nuv_sky_map             1/s/arcsec2   background of the detection at its place
--   nuv_cps_bgsub           1/s           cps without the background of the annulus, or of the map
--             where there is none
--   nuv_cps_bgsub_err       1/s           its error
--   nuv_mag_bgsub           mag           AB magnitude of cps_bgsub
--   nuv_mag_corrected       mag           the same with the aperture correction
--   nuv_model_cps           1/s           of the curve of growth: the source's rate in all of the
--             plane
--   nuv_model_cps_err       1/s           its error
--   nuv_model_mag           mag           AB magnitude of model_cps
--   nuv_model_mag_err_1     mag           how much brighter it may be by the error
--   nuv_model_mag_err_2     mag           how much fainter; NULL: there may be nothing
--   nuv_sigma               arcsec        width of the Gaussian of the curve of growth
--   nuv_sigma_err           arcsec        its error
--   nuv_background          1/s/arcsec2   background of the curve of growth
--   nuv_background_err      1/s/arcsec2   its error
--   nuv_chi2                of the curve of growth, over the rings between the apertures
--   nuv_dof                 rings that were fitted, less three; NULL: no fit
--   nuv_model_residuals     of each ring, in standard deviations
--   nuv_aper_photons        in each aperture of `radii`
--   nuv_aper_counts         as counts, in each aperture
--   nuv_aper_counts_err     as counts_err
--   nuv_aper_cps            1/s           as cps
--   nuv_aper_cps_err        1/s           as cps_err
--   nuv_aper_mag            mag           as mag
--   nuv_aper_mag_err_1      mag           as mag_err_1
--   nuv_aper_mag_err_2      mag           as mag_err_2
--   nuv_aper_cps_bgsub      1/s           as cps_bgsub
--   nuv_aper_mag_corrected  mag           as mag_corrected
--   fuv_source              number of its detection in sources (catalog 'detected'); NULL: not
--             detected in FUV
--   fuv_exposure            s             of the leg, corrected for dead time; NULL, as all of
--             FUV: the band is not there
--   fuv_coverage            bits of COVERAGE at the position: 0 was never seen
--   fuv_hotspot             whether any photon in the aperture was on a masked hotspot
--   fuv_ghost               whether any was in a ghost image
--   fuv_wide_edge           whether any was beyond the wide edge of the detector
--   fuv_narrow_edge         whether any was beyond the narrow edge
--   fuv_dispersion          pixel         standard deviations of detector column and row, added
--             up: low on hotspots
--   fuv_q_mean              mean pulse height of the photons in the aperture
--   fuv_ya_mean             mean y wiggle phase of them
--   fuv_col                 pixel         their mean place on the detector
--   fuv_row                 pixel         their mean place on the detector
--   fuv_photons             unflagged photons in the aperture of `radius`
--   fuv_counts              sum of their weights, 1 / response
--   fuv_counts_err          its error
--   fuv_cps                 1/s           counts / exposure, with the background
--   fuv_cps_err             1/s           its error
--   fuv_mag                 mag           AB magnitude of cps; NULL without counts
--   fuv_mag_err_1           mag           how much brighter it may be by the error
--   fuv_mag_err_2           mag           how much fainter; NULL: there may be nothing
--   fuv_sky                 1/s/arcsec2   background in an annulus around it, without known
--             sources
--   fuv_sky_err             1/s/arcsec2   its error
--   fuv_sky_map             1/s/arcsec2   background of the detection at its place
--   fuv_cps_bgsub           1/s           cps without the background of the annulus, or of the map
--             where there is none
--   fuv_cps_bgsub_err       1/s           its error
--   fuv_mag_bgsub           mag           AB magnitude of cps_bgsub
--   fuv_mag_corrected       mag           the same with the aperture correction
--   fuv_model_cps           1/s           of the curve of growth: the source's rate in all of the
--             plane
--   fuv_model_cps_err       1/s           its error
--   fuv_model_mag           mag           AB magnitude of model_cps
--   fuv_model_mag_err_1     mag           how much brighter it may be by the error
--   fuv_model_mag_err_2     mag           how much fainter; NULL: there may be nothing
--   fuv_sigma               arcsec        width of the Gaussian of the curve of growth
--   fuv_sigma_err           arcsec        its error
--   fuv_background          1/s/arcsec2   background of the curve of growth
--   fuv_background_err      1/s/arcsec2   its error
--   fuv_chi2                of the curve of growth, over the rings between the apertures
--   fuv_dof                 rings that were fitted, less three; NULL: no fit
--   fuv_model_residuals     of each ring, in standard deviations
--   fuv_aper_photons        in each aperture of `radii`
--   fuv_aper_counts         as counts, in each aperture
--   fuv_aper_counts_err     as counts_err
--   fuv_aper_cps            1/s           as cps
--   fuv_aper_cps_err        1/s           as cps_err
--   fuv_aper_mag            mag           as mag
--   fuv_aper_mag_err_1      mag           as mag_err_1
--   fuv_aper_mag_err_2      mag           as mag_err_2
--   fuv_aper_cps_bgsub      1/s           as cps_bgsub
--   fuv_aper_mag_corrected  mag           as mag_corrected
-- example:
--   SELECT source_id, ra, dec, nuv_mag, fuv_mag - nuv_mag AS colour, match_flag FROM catalogue
--   WHERE eclipse = 23456 AND nuv_cps > 5 * nuv_cps_err ORDER BY nuv_mag;
CREATE OR REPLACE VIEW catalogue AS
SELECT
    each.source_id,
    each.eclipse,
    each.leg,
    each.source,
    each.ra,
    each.dec,
    each.ra_err,
    each.dec_err,
    each.bands,
    each.match_flag,
    each.separation,
    each.radii,
    each.radius,
    each.nuv_source,
    each.nuv_exposure,
    each.nuv_coverage,
    each.nuv_hotspot,
    each.nuv_ghost,
    each.nuv_wide_edge,
    each.nuv_narrow_edge,
    each.nuv_dispersion,
    each.nuv_q_mean,
    each.nuv_ya_mean,
    each.nuv_col,
    each.nuv_row,
    each.nuv_photons,
    each.nuv_counts,
    each.nuv_counts_err,
    each.nuv_cps,
    each.nuv_cps_err,
    each.nuv_mag,
    each.nuv_mag_err_1,
    each.nuv_mag_err_2,
    each.nuv_sky,
    each.nuv_sky_err,
    each.nuv_sky_map,
    each.nuv_cps_bgsub,
    each.nuv_cps_bgsub_err,
    each.nuv_mag_bgsub,
    each.nuv_mag_corrected,
    each.nuv_model_cps,
    each.nuv_model_cps_err,
    each.nuv_model_mag,
    each.nuv_model_mag_err_1,
    each.nuv_model_mag_err_2,
    each.nuv_sigma,
    each.nuv_sigma_err,
    each.nuv_background,
    each.nuv_background_err,
    each.nuv_chi2,
    each.nuv_dof,
    each.nuv_model_residuals,
    each.nuv_aper_photons,
    each.nuv_aper_counts,
    each.nuv_aper_counts_err,
    each.nuv_aper_cps,
    each.nuv_aper_cps_err,
    each.nuv_aper_mag,
    each.nuv_aper_mag_err_1,
    each.nuv_aper_mag_err_2,
    each.nuv_aper_cps_bgsub,
    each.nuv_aper_mag_corrected,
    each.fuv_source,
    each.fuv_exposure,
    each.fuv_coverage,
    each.fuv_hotspot,
    each.fuv_ghost,
    each.fuv_wide_edge,
    each.fuv_narrow_edge,
    each.fuv_dispersion,
    each.fuv_q_mean,
    each.fuv_ya_mean,
    each.fuv_col,
    each.fuv_row,
    each.fuv_photons,
    each.fuv_counts,
    each.fuv_counts_err,
    each.fuv_cps,
    each.fuv_cps_err,
    each.fuv_mag,
    each.fuv_mag_err_1,
    each.fuv_mag_err_2,
    each.fuv_sky,
    each.fuv_sky_err,
    each.fuv_sky_map,
    each.fuv_cps_bgsub,
    each.fuv_cps_bgsub_err,
    each.fuv_mag_bgsub,
    each.fuv_mag_corrected,
    each.fuv_model_cps,
    each.fuv_model_cps_err,
    each.fuv_model_mag,
    each.fuv_model_mag_err_1,
    each.fuv_model_mag_err_2,
    each.fuv_sigma,
    each.fuv_sigma_err,
    each.fuv_background,
    each.fuv_background_err,
    each.fuv_chi2,
    each.fuv_dof,
    each.fuv_model_residuals,
    each.fuv_aper_photons,
    each.fuv_aper_counts,
    each.fuv_aper_counts_err,
    each.fuv_aper_cps,
    each.fuv_aper_cps_err,
    each.fuv_aper_mag,
    each.fuv_aper_mag_err_1,
    each.fuv_aper_mag_err_2,
    each.fuv_aper_cps_bgsub,
    each.fuv_aper_mag_corrected
FROM $stored_entries AS each;
