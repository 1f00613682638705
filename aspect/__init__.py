"""Where the telescope pointed: readers, legs and geometry."""
