"""`tests.gphoton_db.dying`, with what makes products loaded before the processes part."""

import importlib

from tests.gphoton_db.dying import main

_LOADED = (
    "astropy.io.fits",
    "astropy.table",
    "astropy.wcs",
    "gphoton_db.products.images.make",
    "gphoton_db.products.find",
    "gphoton_db.products.sources.make_photometry",
)

if __name__ == "__main__":
    for module in _LOADED:
        importlib.import_module(module)
    main()
