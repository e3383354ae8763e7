"""Program 1: GraphQL over HTTP."""
