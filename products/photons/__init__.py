"""The photons themselves, as a product: around a position, or of a whole leg."""
