"""Simulated GALEX telemetry with a known answer.

`visit.simulate_visit` writes the raw6 file, the pointing files and the truth of one visit, by
inverting the mission's detector chain with a calibration directory, real or synthetic
(`synthetic_calibration.write_synthetic_calibration`).

Nothing here uses the forward code of `ingest`: a fault there must not hide behind the same fault
here.
"""
