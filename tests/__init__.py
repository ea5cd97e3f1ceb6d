"""The tests mirror the code; `house` holds those about the repository itself."""
