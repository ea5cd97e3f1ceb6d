"""Edge: files from outside become sorted Parquet of the canonical tables, with an account of every row."""
