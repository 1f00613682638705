"""The mission archive: queries, and files from there, over HTTP."""
