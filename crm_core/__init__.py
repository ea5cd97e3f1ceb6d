"""Moshtari: what a company's own history says about its customers, in numbers that can be trusted."""

import os

# What we solve has a handful of unknowns: more threads for it only wait for each other, on a busy machine
# ten times as long as they work. It counts when it is said before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
