"""Edge: what leaves the base, one module a format."""
