-- Visits whose field holds a position, from the catalogue alone; those not ingested too.
--
-- The field is the circle about the boresight that holds all of it, so that a position at its rim
-- may have been seen for some of the time only, or just not: coverage_at says exactly.  No row:
-- no known visit saw the position.  A row with ingested false: the visit is known (by its other
-- band, or its boresight), and "gphoton-db ingest" of this eclipse and band would add it.
--
-- parameters:
--   ra        deg      right ascension, -180 to 360
--   dec       deg      declination
-- columns:
--   eclipse            number of the eclipse
--   band               'NUV' or 'FUV'
--   leg                number, from 0
--   ingested           whether its photons are in the archive
--   separation  arcsec  distance of the position from the boresight
--   ra0       deg      boresight
--   dec0      deg      boresight
--   t0        s        first aspect row, GALEX time
--   t1        s        last aspect row
--   pointing  s        seconds with trusted pointing
--   exposure  s        exposure of the leg, corrected for dead time
--   n_photons          photons of the leg, anywhere in the field
-- example:
--   SELECT eclipse, band, leg, ingested, exposure FROM legs_at(323.4928, -2.064);
CREATE OR REPLACE MACRO legs_at(ra, "dec") AS TABLE
FROM query(CASE
    WHEN checked_position(ra, "dec") THEN concat(
        'FROM visits_at(',
        concat_ws(', ', eclipses_near_sql(ra, "dec", 0), number_sql(ra), number_sql("dec")),
        ')'
    )
END);
