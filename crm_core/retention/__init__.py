"""Who comes back, and when customers are lost."""
