-- Light curve of a position: one row for each visit, band and bin, empty bins included.
--
-- Photons count with flag 0, a response above 0, and detrad below $ON_DETECTOR_PIXELS; those on hotspots do too,
-- and set a flag.  Bins start at the leg's first unflagged photon on the detector, as frames of
-- movies do, and the last one is not cut.  Exposure is exact, for [t0, t1).  Without an annulus
-- the background is NULL.  A position without coverage has no rows: ask legs_at why.
--
-- parameters:
--   ra        deg      right ascension of the centre, -180 to 360
--   dec       deg      declination of the centre
--   radius    arcsec   of the aperture, above 0 and up to $LARGEST_APERTURE_ARCSEC
--   step      s        length of a bin, in whole milliseconds, no column; NULL: one bin a visit
--   band               'NUV' or 'FUV'; NULL: both
--   inner     arcsec   of the annulus that measures the background, radius or more; NULL: none
--   outer     arcsec   of the annulus
-- columns:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
--   t0        s        start of the bin, GALEX time
--   t1        s        end of the bin, which does not belong to it
--   t_mean    s        mean time of the photons; middle of the bin where there are none
--   t0_data   s        first photon
--   t1_data   s        last photon
--   exposure  s        exposure, corrected for dead time
--   counts             photons in the aperture
--   flat_counts        sum of their weights, 1 / response
--   bg_counts          photons in the annulus
--   bg_flat_counts     sum of their weights
--   bg                 the same, scaled to the area of the aperture
--   cps       1/s      flat_counts / exposure
--   cps_err   1/s      its error: square root of the sum of squared weights / exposure
--   cps_bgsub  1/s     (flat_counts - bg) / exposure
--   cps_bgsub_err  1/s  its error
--   flux      erg/s/cm2/A  flux density
--   flux_err  erg/s/cm2/A  its error
--   flux_bgsub  erg/s/cm2/A  flux density without background
--   flux_bgsub_err  erg/s/cm2/A  its error
--   mag       mag      AB magnitude, without aperture correction
--   mag_err_1  mag     how much brighter it is one error up
--   mag_err_2  mag     how much fainter one error down; NULL where nothing would be left
--   mag_bgsub  mag     AB magnitude without background
--   mag_bgsub_err_1  mag  how much brighter it is one error up
--   mag_bgsub_err_2  mag  how much fainter one error down
--   responses          mean response
--   detxs     pixel    mean column on the detector
--   detys     pixel    mean row on the detector
--   detrad    pixel    mean distance from the detector's centre
--   racent    deg      mean right ascension of the photons
--   deccent   deg      mean declination of the photons
--   flags              lightcurve_flag_names(flags)
--   warnings           2 non-linear within one error, 4 mean q below $LOW_PULSE_HEIGHT, 32 mean response below
--                      $LOW_RESPONSE, 64 mean detrad beyond $OFF_AXIS_DEG deg, 128 one of the first $RAMP_UP_BINS bins of FUV
--                      in eclipses $RAMP_UP_FIRST to $RAMP_UP_LAST; Python's others are not known here
-- example:
--   SELECT * FROM lightcurve(323.4928, -2.064, radius := 12.8, step := 30);
CREATE OR REPLACE MACRO lightcurve(
    ra, "dec", radius := 12.8, step := 30, band := NULL, "inner" := NULL, "outer" := NULL
) AS TABLE
FROM query(CASE
    WHEN checked_position(ra, "dec") THEN list_transform(
        [patches_near_sql(ra, "dec", checked_aperture(radius, "inner", "outer"))],
        lambda legs: concat(
            'FROM lightcurve_of(',
            legs_near_sql(legs, 'photons', ra, "dec", greatest(radius, "outer")::DOUBLE, band),
            ', ',
            legs_near_sql(legs, 'ticks', ra, "dec", 0, band),
            ', ',
            concat_ws(
                ', ',
                cone_cells(ra, "dec", greatest(radius, "outer")),
                number_sql(ra),
                number_sql("dec"),
                number_sql(radius),
                step_sql(step),
                number_sql("inner"),
                number_sql("outer")
            ),
            ')'
        )
    )[1]
END);
