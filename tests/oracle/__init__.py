"""A plain, slow, independent reduction of GALEX telemetry, to judge the fast one against.

It is written in numpy from the text of docs/specification.md, with one module for each step, and
imports nothing of `gphoton_db.ingest`.  Positions are float64, times integer milliseconds.  Start
with `reduction.reduce_visit`.
"""
