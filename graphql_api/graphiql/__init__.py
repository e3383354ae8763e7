"""GraphiQL, bundled and served without any other host."""
