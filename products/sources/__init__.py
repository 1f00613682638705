"""Sources of a leg: detection, photometry, tables, and where the archive keeps them."""
