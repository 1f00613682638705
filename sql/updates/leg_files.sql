-- Columns that the table leg_files lacks before version 4; files that are there already keep NULL,
-- and are opened wherever their leg is looked at.
ALTER TABLE leg_files ADD COLUMN IF NOT EXISTS ra_min DOUBLE;
ALTER TABLE leg_files ADD COLUMN IF NOT EXISTS ra_max DOUBLE;
ALTER TABLE leg_files ADD COLUMN IF NOT EXISTS dec_min DOUBLE;
ALTER TABLE leg_files ADD COLUMN IF NOT EXISTS dec_max DOUBLE;
