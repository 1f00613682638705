"""Benchmarks: scripts that print ratios; run one with ``python benchmarks/NAME.py``."""
