"""Room: who comes back, and when customers are lost."""
