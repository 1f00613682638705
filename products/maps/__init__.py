"""Maps of any box on the sky, from the photons of all visits; and coadds of written images."""
