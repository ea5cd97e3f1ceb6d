"""Moshtari: what a company's own history says about its customers, in numbers that can be trusted."""
