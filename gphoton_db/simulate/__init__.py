"""Simulated GALEX telemetry with a known answer.

`visit.simulate_visit` writes the raw6 file, the pointing files and the truth of one visit, by
inverting the mission's detector chain with a calibration directory, real or synthetic
(`synthetic_calibration.write_synthetic_calibration`).

A visit is an `observation.Observation`: the attitude (`attitude`), what shines (`lights`), what the
detector's places are worth (`field`) and how many events arrive each second (`rates`).  From it
come the stims, then the detector chain that a reduction will derive from them, then, slice by
slice, the photons (`arrivals`), inverted through that chain (`inverse`) and streamed to the disk
(`telemetry`, `raw6_file`, `truth`).

Nothing here uses the forward code of `ingest`: a fault there must not hide behind the same fault
here.
"""
