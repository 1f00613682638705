"""Array code that ingest and products share."""
