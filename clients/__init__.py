"""Clients as others write them: what their generators make of `schema.graphql` compiles, and works on a live server."""
