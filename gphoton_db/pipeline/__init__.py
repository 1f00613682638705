"""The whole pipeline of eclipses: from telemetry to photometry, of one band or of many."""
