"""What the data is, what may be done to it, and how GraphQL shows it."""
