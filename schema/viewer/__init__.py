"""Where a client starts from: itself, and every thing by its id."""
