-- Tables of the catalogue.  Times are GALEX seconds (since 1980-01-06T00:00:00Z) unless they end
-- in _at (UTC timestamps); angles are degrees, durations seconds.  Photons, ticks and aspect are
-- Parquet files, which leg_files lists and the views of the same names read.

-- What the catalogue itself is.
CREATE TABLE archive_info (
    schema_version INTEGER NOT NULL,
    software_version VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    root VARCHAR NOT NULL             -- folder of the archive at the last commit
);

-- What the mission planned and measured, one row an eclipse; temperatures in deg C.
CREATE TABLE eclipses (
    eclipse INTEGER PRIMARY KEY,
    plan_type VARCHAR,
    plan_subtype VARCHAR,
    visit INTEGER,
    plan_id INTEGER,
    planned_legs INTEGER,
    eclipse_start DOUBLE,
    eclipse_duration DOUBLE,
    nuv_det_on_time DOUBLE,
    fuv_det_on_time DOUBLE,
    nuv_det_temp DOUBLE,
    fuv_det_temp DOUBLE,
    nuv_tdc_temp DOUBLE,
    fuv_tdc_temp DOUBLE
);

-- One row for each leg of each band that was reduced; legs count from 0.
CREATE TABLE legs (
    eclipse INTEGER NOT NULL,
    band VARCHAR NOT NULL,
    leg INTEGER NOT NULL,
    ra0 DOUBLE NOT NULL,              -- boresight
    dec0 DOUBLE NOT NULL,
    roll0 DOUBLE NOT NULL,
    radius DOUBLE NOT NULL,           -- circle about the boresight that holds the exposed field
    ra_min DOUBLE NOT NULL,           -- bounds of the exposed field and of all photons;
    ra_max DOUBLE NOT NULL,           -- ra_min > ra_max across RA 0, 0 and 360 over a pole
    dec_min DOUBLE NOT NULL,
    dec_max DOUBLE NOT NULL,
    t0 DOUBLE NOT NULL,               -- first and last aspect row
    t1 DOUBLE NOT NULL,
    good_fix_seconds DOUBLE NOT NULL,
    photon_t0 DOUBLE,                 -- first and last unflagged photon on the detector
    photon_t1 DOUBLE,
    raw_exposure DOUBLE NOT NULL,     -- between those, without closed shutter
    exposure DOUBLE NOT NULL,         -- and corrected for dead time
    n_photons BIGINT NOT NULL,
    n_unflagged BIGINT NOT NULL,
    n_no_weight BIGINT NOT NULL,      -- unflagged, but on a dead pixel of the flat: no weight
    n_ghost BIGINT NOT NULL,          -- in ghost images (after CSP only)
    stim_separation DOUBLE NOT NULL,  -- arcsec, in the middle of the leg
    separation_clamped BOOLEAN NOT NULL,
    time_rounding DOUBLE NOT NULL,    -- largest distance of a time from a whole millisecond
    full_precision BOOLEAN NOT NULL,
    pointing_source VARCHAR NOT NULL, -- asprta, consolidated, or scst (coarse)
    calibration VARCHAR NOT NULL,     -- the set's content hash; after 'synthetic-' if made up
    software_version VARCHAR NOT NULL,
    generation VARCHAR NOT NULL,      -- of the ingest; part of the file names
    ingested_at TIMESTAMP NOT NULL,
    path VARCHAR NOT NULL,            -- folder of the photon files, relative to the archive
    n_files INTEGER NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,          -- of the photon files' own hashes, in order
    PRIMARY KEY (eclipse, band, leg)
);

-- Every Parquet file that counts; a file that is not listed here does not exist for the archive.
CREATE TABLE leg_files (
    eclipse INTEGER NOT NULL,
    band VARCHAR NOT NULL,
    leg INTEGER NOT NULL,
    kind VARCHAR NOT NULL,            -- photons, ticks or aspect
    part INTEGER NOT NULL,
    path VARCHAR PRIMARY KEY,         -- relative to the archive
    n_rows BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    cell_min INTEGER,                 -- HEALPix order-13 nested cells of its photons
    cell_max INTEGER
);

-- Files of earlier versions of a leg, kept for a while for readers of an older catalogue.
CREATE TABLE superseded_files (
    path VARCHAR PRIMARY KEY,
    superseded_at TIMESTAMP NOT NULL
);

-- The files of every calibration set that calibrated a leg.
CREATE TABLE calibration_files (
    calibration VARCHAR NOT NULL,     -- name of the set, as in legs
    name VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    directory VARCHAR NOT NULL,       -- where it was read from at the last ingest
    PRIMARY KEY (calibration, name)
);

-- Every attempt to ingest, and what came of it.
CREATE TABLE ingests (
    generation VARCHAR PRIMARY KEY,
    eclipse INTEGER NOT NULL,
    band VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,         -- ingested, replaced or failed
    message VARCHAR,                  -- why it failed
    raw6 VARCHAR,
    pointing VARCHAR,
    n_events BIGINT,                  -- in the telemetry; those outside of all legs are no photons
    n_photons BIGINT,
    seconds DOUBLE NOT NULL,
    started_at TIMESTAMP NOT NULL,
    software_version VARCHAR NOT NULL
);
