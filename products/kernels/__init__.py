"""Array-only numba kernels: arrays in, arrays out; no I/O, no astropy, no DuckDB, no paths."""
