"""The API's endpoints: each is declared once, in one module for each group."""
