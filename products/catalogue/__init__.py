"""Catalogues: the sources of a visit, measured in both bands at the same positions."""
