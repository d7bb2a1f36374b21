"""The API's endpoints, each declared once as a value, one module for each group."""
