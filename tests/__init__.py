"""Tests of gphoton-db, with the made-up telemetry and the oracle that they share."""
