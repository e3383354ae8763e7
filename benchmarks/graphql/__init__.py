"""The GraphQL API beside its peers: what a request costs, answer for answer the same, on the same servers."""
