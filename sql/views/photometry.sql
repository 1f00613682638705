-- Aperture photometry: one row for each source, radius, and frame or whole leg.
--
-- Nothing is subtracted: the background is in the counts.  Magnitudes have no aperture correction.
--
-- columns:
--   eclipse          number of the eclipse
--   band             'NUV' or 'FUV'
--   leg              number, from 0
--   catalog          'detected', or the name of the list
--   source           number in sources
--   method           'image' (pixels by the part inside) or 'photon' (photons inside)
--   radius    arcsec of the aperture
--   depth     s      length of the frames; NULL: the whole leg
--   frame            number, from 0; NULL: the whole leg
--   t0        s      start, GALEX time
--   t1        s      end
--   exposure  s      exposure, corrected for dead time
--   photons          in the aperture, by the part of their pixel inside
--   counts           sum of their weights, 1 / response
--   counts_err       its error
--   cps       1/s    counts / exposure
--   cps_err   1/s    its error
--   mag       mag    AB magnitude, without aperture correction; NULL without counts
--   flags            bits of any photon inside: 1 hotspot, 2 ghost, 4 wide edge, 8 narrow edge
--   dispersion pixel  mean standard deviation of column and row in the pixels: low on hotspots
--   q_mean           mean pulse height of the pixels
--   ya_mean          mean y wiggle phase of the pixels
-- example:
--   SELECT source, cps, cps_err, mag FROM photometry
--   WHERE eclipse = 23456 AND band = 'NUV' AND radius = 12.8 AND frame IS NULL ORDER BY mag;
CREATE OR REPLACE VIEW photometry AS
SELECT
    each.eclipse,
    each.band,
    each.leg,
    each.catalog,
    each.source,
    each.method,
    each.radius,
    each.depth,
    each.frame,
    each.t0,
    each.t1,
    each.exposure,
    each.photons,
    each.counts,
    each.counts_err,
    each.counts / nullif(each.exposure, 0) AS cps,
    each.counts_err / nullif(each.exposure, 0) AS cps_err,
    CASE
        WHEN each.counts > 0 AND each.exposure > 0
            THEN cps_to_mag(each.counts / each.exposure, each.band)
    END AS mag,
    each.flags,
    each.dispersion,
    each.q_mean,
    each.ya_mean
FROM $stored_photometry AS each;
