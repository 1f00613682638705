"""What the field makes of photons: images, movies, exposure, maps."""
