"""GraphQL operations, compiled: what a document asks for is worked out once, and each request only fills it in."""
