"""A server for one page on the archive, in which the sky is looked at (extra ``web``)."""
