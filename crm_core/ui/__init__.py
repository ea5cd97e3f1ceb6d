"""What a reader sees: the only part of the package that knows Streamlit."""
