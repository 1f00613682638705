"""A plain, slow, independent reduction of GALEX telemetry, to judge the fast one against.

Written in numpy straight from ``telemetry-and-reduction.md``, one module for each of its parts,
one line for each of its sentences, and nothing of `gphoton_db.ingest`.  Positions are float64,
times integer milliseconds.  `reduction.reduce_visit` is the way in.
"""
