"""Many eclipses at once: what is asked for, who reduces what and when, and what came of it."""
