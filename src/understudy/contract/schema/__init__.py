"""JSON Schema: keywords, merging, bundling, formats and the validators."""
