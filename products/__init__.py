"""Products made from photons: images, movies, exposure, maps, light curves, sources."""
