"""A developer's tool: writes an empty slice of the schema in the house's shape, with its tests, and hooks it in."""
