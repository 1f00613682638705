"""FITS files: headers, and images that are written plane by plane."""
