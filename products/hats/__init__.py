"""Tables of the archive as HATS, the form of survey tables that LSDB reads: divided by the sky."""
