"""Does the customer club earn its cost: programmes as data, replayed over the real history."""
