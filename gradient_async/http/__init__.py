"""One request on its way out and back."""
