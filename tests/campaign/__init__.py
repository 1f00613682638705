"""Damaged inputs by the hundred, seeded: generators, and what comes of each."""
