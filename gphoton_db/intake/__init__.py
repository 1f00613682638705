"""From inputs to photons in the archive: find, stage, commit, for one eclipse and for many."""
