"""Publishing an archive: a copy in a folder or a bucket, which is read from afar."""
