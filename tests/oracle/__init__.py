"""The slow oracle: every metric once more, in plain Python, from the definitions and not from the code."""
