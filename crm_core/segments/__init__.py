"""Room: which groups the customers form, and what each is worth."""
