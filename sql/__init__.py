"""The SQL of the archive: schema, views and named queries, one file each."""
