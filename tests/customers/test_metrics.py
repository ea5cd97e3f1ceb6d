"""One row a customer: against tables written by hand, and against the oracle on random bases."""
