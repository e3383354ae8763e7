"""schemathesis: requests that the schema allows and nobody thought of."""
