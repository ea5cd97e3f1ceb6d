"""Room: how the customer base is doing, and what changed."""
