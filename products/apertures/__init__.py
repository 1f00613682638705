"""Photons around positions: apertures, lists of positions, and sums."""
