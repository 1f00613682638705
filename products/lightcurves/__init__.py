"""Light curves of any position: bins, rates, flags, files, pictures."""
