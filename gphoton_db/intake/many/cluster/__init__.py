"""Jobs done by the workers of a Dask cluster; nothing of Dask is imported before one is used."""
