"""From raw6 telemetry to photon files."""
