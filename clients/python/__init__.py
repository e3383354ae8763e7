"""A client in Python, typed, that ariadne-codegen makes of `schema.graphql` and `examples/operations`."""
