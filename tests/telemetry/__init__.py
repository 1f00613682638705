"""Made-up GALEX telemetry with a known answer.

`visit.make_visit` writes the raw6 file, the pointing files and the truth of one visit, by
inverting the mission's detector chain with a calibration directory, real or made up
(`calibration.write_calibration`).  Nothing here uses the forward code that it is there to test.
"""
