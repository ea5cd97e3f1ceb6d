"""Room: what customers will buy and be worth, and what winning or keeping one may cost."""
