"""Photons around positions: what is measured, where, and the sums of it."""
