"""Masks of detector cells, hot and cold, from what photons say themselves."""
