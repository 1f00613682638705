"""Archives that are read from afar: parts of files of a web server or a bucket."""
