"""SQL as text and as a question: files, headers, named queries, statements, answers."""
