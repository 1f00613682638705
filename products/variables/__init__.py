"""Variables: how the sources of a visit vary, from their photons."""
