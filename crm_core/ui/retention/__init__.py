"""Who comes back, as it is shown."""
