"""The API's data as frozen values, without I/O."""
