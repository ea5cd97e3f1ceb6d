"""Pictures of who comes back."""
