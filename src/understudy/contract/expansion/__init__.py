"""The alternatives of a schema written out, so that a value can be built for it.

`keyword_branches` reads the keywords of a schema into the values of `constraints`, `branches`
expands what offers alternatives, `join` joins two alternatives, `object_plans` and
`array_layouts` plan objects and arrays. `schema_solver` finds out whether there is a value,
`value_builder` builds one.
"""
