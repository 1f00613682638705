-- Tables of the catalogue.  Those of which segments lists the files are views of these files.  Times are GALEX seconds (since 1980-01-06T00:00:00Z) unless they end
-- in _at (UTC timestamps); angles are degrees, durations seconds.  Photons, ticks and aspect are
-- Parquet files, which leg_files lists and the views of the same names read.

-- What the catalogue itself is.
CREATE TABLE IF NOT EXISTS archive_info (
    schema_version INTEGER NOT NULL,  -- version of the tables
    software_version VARCHAR NOT NULL, -- of gphoton-db
    created_at TIMESTAMP NOT NULL,    -- [UTC] when it was made
    root VARCHAR NOT NULL,            -- folder of the archive at the last commit
    sql_version VARCHAR               -- hash of the views and macros
);

-- The files of the tables that grow with the archive: each holds the rows of a table for a block of
-- eclipses.  A commit replaces those that it changes, and no file that is listed ever changes.
CREATE TABLE IF NOT EXISTS segments (
    table_name VARCHAR NOT NULL,      -- legs, leg_files, ...
    block INTEGER NOT NULL,           -- number of the block, from 0; -1: rows of no one eclipse
    path VARCHAR NOT NULL,            -- relative to the archive
    n_rows BIGINT NOT NULL,           -- rows
    size_bytes BIGINT NOT NULL,       -- [byte] size
    sha256 VARCHAR NOT NULL,          -- hash
    PRIMARY KEY (table_name, block)
);

-- What each view and macro that names files or a folder was defined as at the last commit.
CREATE TABLE IF NOT EXISTS definitions (
    name VARCHAR PRIMARY KEY,         -- of the view or macro
    hash VARCHAR NOT NULL             -- of its text: one that says the same is left as it is
);

-- What the mission planned and measured, one row an eclipse; temperatures in deg C.
CREATE TABLE IF NOT EXISTS eclipses (
    eclipse INTEGER PRIMARY KEY,      -- number of the eclipse
    plan_type VARCHAR,                -- survey: AIS, MIS, DIS, NGS, GII, CAI, ...
    plan_subtype VARCHAR,             -- kind of plan
    visit INTEGER,                    -- number of the visit to this plan's target
    plan_id INTEGER,                  -- number of the plan
    planned_legs INTEGER,             -- legs that were planned
    eclipse_start DOUBLE,             -- [s] start of the eclipse, GALEX time
    eclipse_duration DOUBLE,          -- [s] length of the eclipse
    nuv_det_on_time DOUBLE,           -- [s] time at the nominal high voltage
    fuv_det_on_time DOUBLE,           -- [s] time at the nominal high voltage
    nuv_det_temp DOUBLE,              -- [deg C] NUV detector
    fuv_det_temp DOUBLE,              -- [deg C] FUV detector
    nuv_tdc_temp DOUBLE,              -- [deg C] NUV time-to-digital converter
    fuv_tdc_temp DOUBLE               -- [deg C] FUV time-to-digital converter
);

-- One row for each leg of each band that was reduced; legs count from 0.
CREATE TABLE IF NOT EXISTS legs (
    eclipse INTEGER NOT NULL,         -- number of the eclipse
    band VARCHAR NOT NULL,            -- 'NUV' or 'FUV'
    leg INTEGER NOT NULL,             -- number, from 0
    ra0 DOUBLE NOT NULL,              -- [deg] boresight
    dec0 DOUBLE NOT NULL,             -- [deg] boresight
    roll0 DOUBLE NOT NULL,            -- [deg] roll angle
    radius DOUBLE NOT NULL,           -- [deg] circle about the boresight, holds the exposed field
    ra_min DOUBLE NOT NULL,           -- [deg] bounds of the exposed field and of all photons;
    ra_max DOUBLE NOT NULL,           -- [deg] ra_min > ra_max across RA 0, 0 and 360 over a pole
    dec_min DOUBLE NOT NULL,          -- [deg] bounds in declination
    dec_max DOUBLE NOT NULL,          -- [deg] bounds in declination
    t0 DOUBLE NOT NULL,               -- [s] first aspect row, GALEX time
    t1 DOUBLE NOT NULL,               -- [s] last aspect row
    good_fix_seconds DOUBLE NOT NULL, -- [s] aspect rows with a good fix
    photon_t0 DOUBLE,                 -- [s] first unflagged photon on the detector
    photon_t1 DOUBLE,                 -- [s] last unflagged photon on the detector
    raw_exposure DOUBLE NOT NULL,     -- [s] between those, without closed shutter
    exposure DOUBLE NOT NULL,         -- [s] and corrected for dead time
    n_photons BIGINT NOT NULL,        -- photons, flagged ones included
    n_unflagged BIGINT NOT NULL,      -- those with flag 0
    n_no_weight BIGINT NOT NULL,      -- unflagged, but on a dead pixel of the flat: no weight
    n_ghost BIGINT NOT NULL,          -- in ghost images (after CSP only)
    stim_separation DOUBLE NOT NULL,  -- [arcsec] in the middle of the leg
    separation_clamped BOOLEAN NOT NULL, -- to the distortion cube's nearest layer
    time_rounding DOUBLE NOT NULL,    -- [s] largest distance of a time from a whole millisecond
    full_precision BOOLEAN NOT NULL,  -- stored to the last bit
    pointing_source VARCHAR NOT NULL, -- asprta, consolidated, or scst (coarse)
    calibration VARCHAR NOT NULL,     -- the set's content hash; after 'synthetic-' if made up
    software_version VARCHAR NOT NULL, -- of gphoton-db
    generation VARCHAR NOT NULL,      -- of the ingest; part of the file names
    ingested_at TIMESTAMP NOT NULL,   -- [UTC] time of the ingest
    path VARCHAR NOT NULL,            -- folder of the photon files, relative to the archive
    n_files INTEGER NOT NULL,         -- photon files
    size_bytes BIGINT NOT NULL,       -- [byte] photon files
    sha256 VARCHAR NOT NULL,          -- of the photon files' own hashes, in order
    PRIMARY KEY (eclipse, band, leg)
);

-- Every Parquet file that counts; a file that is not listed here does not exist for the archive.
CREATE TABLE IF NOT EXISTS leg_files (
    eclipse INTEGER NOT NULL,         -- number of the eclipse
    band VARCHAR NOT NULL,            -- 'NUV' or 'FUV'
    leg INTEGER NOT NULL,             -- number, from 0
    kind VARCHAR NOT NULL,            -- photons, ticks, aspect or seconds
    part INTEGER NOT NULL,            -- number of the file, from 0
    path VARCHAR PRIMARY KEY,         -- relative to the archive
    n_rows BIGINT NOT NULL,           -- rows
    size_bytes BIGINT NOT NULL,       -- [byte] size
    sha256 VARCHAR NOT NULL,          -- hash
    cell_min INTEGER,                 -- HEALPix order-$CELL_ORDER nested cells of its photons
    cell_max INTEGER,                 -- of its photons
    ra_min DOUBLE,                    -- [deg] least right ascension of its photons, 0 to 360
    ra_max DOUBLE,                    -- [deg] greatest
    dec_min DOUBLE,                   -- [deg] bounds in declination; all four NULL: not known
    dec_max DOUBLE                    -- [deg] bounds in declination
);

-- Files with the photons of many legs of one field, which light curves, cones and boxes read in the
-- place of the legs' own files (gphoton-db compact).
CREATE TABLE IF NOT EXISTS merged_files (
    merged VARCHAR NOT NULL,          -- name of the set of legs
    band VARCHAR NOT NULL,            -- 'NUV' or 'FUV'
    patch INTEGER NOT NULL,           -- of the sky, in which its legs are
    ra0 DOUBLE NOT NULL,              -- [deg] centre of a circle that holds those of its legs
    dec0 DOUBLE NOT NULL,             -- [deg] centre
    radius DOUBLE NOT NULL,           -- [deg] radius
    part INTEGER NOT NULL,            -- number of the file, from 0
    path VARCHAR PRIMARY KEY,         -- relative to the archive
    n_rows BIGINT NOT NULL,           -- photons
    size_bytes BIGINT NOT NULL,       -- [byte] size
    sha256 VARCHAR NOT NULL,          -- hash
    cell_min INTEGER NOT NULL,        -- HEALPix order-$CELL_ORDER nested cells of its photons
    cell_max INTEGER NOT NULL,        -- of its photons
    ra_min DOUBLE NOT NULL,           -- [deg] least right ascension of its photons, 0 to 360
    ra_max DOUBLE NOT NULL,           -- [deg] greatest
    dec_min DOUBLE NOT NULL,          -- [deg] bounds in declination
    dec_max DOUBLE NOT NULL           -- [deg] bounds in declination
);

-- The legs whose photons with a position are in merged files.  When one of them is ingested again, its
-- set no longer counts.
CREATE TABLE IF NOT EXISTS merged_legs (
    merged VARCHAR NOT NULL,          -- name of the set of legs
    eclipse INTEGER NOT NULL,         -- number of the eclipse
    band VARCHAR NOT NULL,            -- 'NUV' or 'FUV'
    leg INTEGER NOT NULL,             -- number, from 0
    generation VARCHAR NOT NULL,      -- of the leg that was merged
    PRIMARY KEY (eclipse, band, leg)
);

-- Files with what a light curve needs of the legs of a merged set besides photons.  A set of an older
-- gphoton-db has none, and its legs' own files are read.
CREATE TABLE IF NOT EXISTS merged_tables (
    merged VARCHAR NOT NULL,          -- name of the set of legs
    kind VARCHAR NOT NULL,            -- 'seconds' or 'aspect'
    path VARCHAR PRIMARY KEY,         -- relative to the archive
    n_rows BIGINT NOT NULL,           -- rows
    size_bytes BIGINT NOT NULL,       -- [byte] size
    sha256 VARCHAR NOT NULL           -- hash
);

-- Files of earlier versions of a leg, kept for a while for readers of an older catalogue.
CREATE TABLE IF NOT EXISTS superseded_files (
    path VARCHAR PRIMARY KEY,         -- relative to the archive
    superseded_at TIMESTAMP NOT NULL  -- [UTC] when it was replaced
);

-- The files of every calibration set that calibrated a leg.
CREATE TABLE IF NOT EXISTS calibration_files (
    calibration VARCHAR NOT NULL,     -- name of the set, as in legs
    name VARCHAR NOT NULL,            -- of the file
    size_bytes BIGINT NOT NULL,       -- [byte] size
    sha256 VARCHAR NOT NULL,          -- hash
    directory VARCHAR NOT NULL,       -- where it was read from at the last ingest
    PRIMARY KEY (calibration, name)
);

-- Every attempt to ingest, and what came of it.
CREATE TABLE IF NOT EXISTS ingests (
    generation VARCHAR PRIMARY KEY,   -- name of the ingest
    eclipse INTEGER NOT NULL,         -- number of the eclipse
    band VARCHAR NOT NULL,            -- 'NUV' or 'FUV'
    outcome VARCHAR NOT NULL,         -- ingested, replaced or failed
    message VARCHAR,                  -- why it failed
    raw6 VARCHAR,                     -- file of the telemetry
    pointing VARCHAR,                 -- file or folder of the pointing
    n_events BIGINT,                  -- in the telemetry; those outside of all legs are no photons
    n_photons BIGINT,                 -- photons, flagged ones included
    seconds DOUBLE NOT NULL,          -- [s] time that it took
    started_at TIMESTAMP NOT NULL,    -- [UTC] when it began
    software_version VARCHAR NOT NULL -- of gphoton-db
);

-- Nominal pointings of visits that are known, whether ingested or not.
CREATE TABLE IF NOT EXISTS boresights (
    eclipse INTEGER NOT NULL,         -- number of the eclipse
    leg INTEGER NOT NULL,             -- number, from 0
    ra0 DOUBLE NOT NULL,              -- [deg] boresight
    dec0 DOUBLE NOT NULL,             -- [deg] boresight
    roll0 DOUBLE,                     -- [deg] roll angle
    t0 DOUBLE,                        -- [s] start, GALEX time
    PRIMARY KEY (eclipse, leg)
);

-- Pauses of $SHUTTER_GAP_MS ms and more between unflagged photons of a leg, which count as a closed shutter,
-- worked out from its ticks.  What comes before the first and after the last photon is a pause
-- without start (t0_ms NULL) or end (t1_ms NULL): every leg has at least one row.
CREATE TABLE IF NOT EXISTS shutter_gaps (
    eclipse INTEGER NOT NULL,         -- number of the eclipse
    band VARCHAR NOT NULL,            -- 'NUV' or 'FUV'
    leg INTEGER NOT NULL,             -- number, from 0
    generation VARCHAR NOT NULL,      -- of the leg that they were worked out from
    t0_ms BIGINT,                     -- [ms] last photon before the pause, GALEX time
    t1_ms BIGINT                      -- [ms] first photon after it
);

-- Every file that was made from the archive, and how.
CREATE TABLE IF NOT EXISTS products (
    path VARCHAR PRIMARY KEY,         -- relative to the archive where it lies in it
    kind VARCHAR NOT NULL,            -- image, movie, lightcurve, ...
    eclipse INTEGER,                  -- NULL: of more than one
    band VARCHAR,                     -- 'NUV' or 'FUV'
    leg INTEGER,                      -- number, from 0
    parameters JSON NOT NULL,         -- what it was made with
    calibration VARCHAR,              -- content hash of the set
    software_version VARCHAR NOT NULL, -- of gphoton-db
    made_at TIMESTAMP NOT NULL,       -- [UTC] when it was made
    size_bytes BIGINT NOT NULL,       -- [byte] size
    sha256 VARCHAR NOT NULL           -- hash
);

-- The sky that each leg saw: polygons in well-known binary whose corners are ra and dec, in deg,
-- and whose sides are great circles.
CREATE TABLE IF NOT EXISTS coverage (
    eclipse INTEGER NOT NULL,         -- number of the eclipse
    band VARCHAR NOT NULL,            -- 'NUV' or 'FUV'
    leg INTEGER NOT NULL,             -- number, from 0
    generation VARCHAR NOT NULL,      -- of the leg that it was worked out from
    partial BLOB NOT NULL,            -- on the exposed part of the detector at least once
    full_field BLOB NOT NULL,         -- on it all of the time
    full_370 BLOB NOT NULL,           -- within $NARROW_EDGE_PIXELS pixels of its centre all of the time
    full_350 BLOB NOT NULL,           -- within $WIDE_EDGE_PIXELS pixels of its centre all of the time
    source VARCHAR NOT NULL,          -- pointing, or leg-aperture (imported)
    PRIMARY KEY (eclipse, band, leg)
);

-- Files with the sources of legs, their photometry, and catalogue entries, which views of these names
-- (of entries: catalogue) read: the latest of each leg, catalogue, method and depth.
CREATE TABLE IF NOT EXISTS source_files (
    eclipse INTEGER NOT NULL,         -- number of the eclipse
    band VARCHAR NOT NULL,            -- 'NUV' or 'FUV'
    leg INTEGER NOT NULL,             -- number, from 0
    generation VARCHAR NOT NULL,      -- of the leg that was measured
    kind VARCHAR NOT NULL,            -- sources, photometry or entries
    catalog VARCHAR NOT NULL,         -- detected, or the name of a list of positions
    method VARCHAR,                   -- image or photon; of entries the other band's generation
    depth DOUBLE,                     -- [s] length of the frames; NULL: the whole leg only
    path VARCHAR PRIMARY KEY,         -- relative to the archive
    n_rows BIGINT NOT NULL,           -- rows
    sha256 VARCHAR NOT NULL           -- hash of the positions
);

-- Files of tables of the whole archive, which the views of these names read: the latest of each.
CREATE TABLE IF NOT EXISTS survey_files (
    kind VARCHAR PRIMARY KEY,         -- objects, object_visits, astrometry, flares or verdicts
    path VARCHAR NOT NULL,            -- relative to the archive
    parameters JSON NOT NULL,         -- what it was made with
    n_rows BIGINT NOT NULL,           -- rows
    size_bytes BIGINT NOT NULL,       -- [byte] size
    sha256 VARCHAR NOT NULL,          -- hash
    software_version VARCHAR NOT NULL, -- of gphoton-db
    made_at TIMESTAMP NOT NULL        -- [UTC] when it was made
);

-- What is in the archive of each band of each eclipse, summed up at each commit: legs and leg_files
-- have all of it, leg by leg and file by file, in a file for each block.
CREATE TABLE IF NOT EXISTS band_totals (
    eclipse INTEGER NOT NULL,         -- number of the eclipse
    band VARCHAR NOT NULL,            -- 'NUV' or 'FUV'
    calibration VARCHAR NOT NULL,     -- name of the set, as in legs
    ingested_at TIMESTAMP NOT NULL,   -- [UTC] time of the ingest
    n_legs BIGINT NOT NULL,           -- legs
    exposure DOUBLE NOT NULL,         -- [s] sum of the legs' exposures, corrected for dead time
    n_photons BIGINT NOT NULL,        -- photons, flagged ones included
    n_unflagged BIGINT NOT NULL,      -- those with flag 0
    photon_bytes BIGINT NOT NULL,     -- [byte] photon files
    size_bytes BIGINT NOT NULL        -- [byte] all files of the legs
);

-- Which legs of each eclipse are in the archive, in any band: looked up where the eclipse is known only
-- when a query runs, and legs would be read as a whole.
CREATE TABLE IF NOT EXISTS leg_numbers (
    eclipse INTEGER NOT NULL,         -- number of the eclipse
    leg INTEGER NOT NULL              -- number, from 0
);

-- The files of each kind, summed up at each commit for blocks of eclipses.
CREATE TABLE IF NOT EXISTS file_totals (
    block INTEGER NOT NULL,           -- number of the block, as in segments; -1: of no one eclipse
    kind VARCHAR NOT NULL,            -- photons, ticks, aspect, seconds, or products in the archive
    n_files BIGINT NOT NULL,          -- files
    size_bytes BIGINT NOT NULL        -- [byte] their size
);

-- The bands of eclipses whose last attempt to ingest failed, as ingests has it.
CREATE TABLE IF NOT EXISTS failed_bands (
    eclipse INTEGER NOT NULL,         -- number of the eclipse
    band VARCHAR NOT NULL,            -- 'NUV' or 'FUV'
    started_at TIMESTAMP NOT NULL,    -- [UTC] when the attempt began
    message VARCHAR                   -- why it failed
);
