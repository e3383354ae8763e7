"""GraphQL over HTTP: the first program."""
