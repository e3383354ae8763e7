import { graphql } from "../generated";

export const Products = graphql(`
  query Products($where: ProductWhere, $sortBy: ProductSort!, $first: Int!, $after: String) {
    products(where: $where, sortBy: $sortBy, first: $first, after: $after) {
      nodes { id name slug stock inStock archivedAt price { amount currencyCode } category { name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
