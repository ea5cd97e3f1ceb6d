"""Edge: where tables lie and where expressions run."""
