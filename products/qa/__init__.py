"""Sheets on which a person judges candidates: one HTML file, and verdicts from it."""
