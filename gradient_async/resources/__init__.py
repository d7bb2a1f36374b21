"""One file a resource, one method an endpoint; each method builds a request and sends it."""
