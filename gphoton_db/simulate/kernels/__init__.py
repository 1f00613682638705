"""Compiled loops of the simulator: arrays in, arrays out."""
