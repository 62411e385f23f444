"""Tables, repositories and files: the only place that knows SQL and dialects."""
