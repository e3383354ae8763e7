"""A schema with every construct GraphQL has, whose resolvers fail, are late, and give nulls where there may be none."""
