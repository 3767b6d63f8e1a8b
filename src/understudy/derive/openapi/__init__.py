"""Facts to an OpenAPI document."""
