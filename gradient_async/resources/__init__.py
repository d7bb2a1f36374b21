"""The resources: one module for each, one method for each endpoint."""
