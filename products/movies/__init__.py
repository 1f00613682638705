"""Movies of a leg: its photons in frames of equal length."""
