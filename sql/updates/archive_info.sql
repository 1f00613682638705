-- Columns that the table archive_info of version 1 lacks.
ALTER TABLE archive_info ADD COLUMN IF NOT EXISTS sql_version VARCHAR;
