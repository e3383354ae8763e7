"""Where a client starts from: every thing by its id."""
