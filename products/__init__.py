"""Images, movies, exposure, light curves and sources, built from the archive."""
