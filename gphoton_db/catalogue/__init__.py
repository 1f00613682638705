"""The archive's DuckDB file: its tables, views and records, and how it is committed."""
