"""Flares in light curves: ranges above quiescence, fluence, energy, templates."""
