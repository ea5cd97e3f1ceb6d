"""Who is about to leave, why, and whom it pays to keep."""
