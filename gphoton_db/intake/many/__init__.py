"""Many eclipses at once: the list of eclipses, worker processes, commits and the report."""
