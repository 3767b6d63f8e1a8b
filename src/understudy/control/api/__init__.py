"""The control API as data: the table of routes, message schemas, the OpenAPI document, problems."""
