"""The tree of categories that products are found in."""
