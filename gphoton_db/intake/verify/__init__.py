"""Whether an archive holds what its catalogue says, and what can be put right."""
