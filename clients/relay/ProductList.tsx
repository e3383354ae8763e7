import { type PreloadedQuery, graphql, usePaginationFragment, usePreloadedQuery } from "react-relay";
import { ProductCard } from "./ProductCard";
import type { ProductListPageQuery } from "./generated/ProductListPageQuery.graphql";
import type { ProductListQuery } from "./generated/ProductListQuery.graphql";
import type { ProductList_query$key } from "./generated/ProductList_query.graphql";

export const QUERY = graphql`
  query ProductListQuery($where: ProductWhere) {
    ...ProductList_query @arguments(where: $where)
  }
`;

/** Products, page by page. */
export function ProductList(props: { query: PreloadedQuery<ProductListQuery> }) {
  const { data, hasNext, loadNext } = usePaginationFragment<ProductListPageQuery, ProductList_query$key>(
    graphql`
      fragment ProductList_query on Query
      @refetchable(queryName: "ProductListPageQuery")
      @argumentDefinitions(
        count: { type: "Int", defaultValue: 10 }
        cursor: { type: "String" }
        where: { type: "ProductWhere" }
      ) {
        products(where: $where, sortBy: PRICE_ASC, first: $count, after: $cursor)
          @connection(key: "ProductList_products") {
          edges {
            node {
              id
              ...ProductCard_product
            }
          }
        }
      }
    `,
    usePreloadedQuery(QUERY, props.query),
  );
  const products = data.products.edges.map(({ node }) => <ProductCard key={node.id} product={node} />);
  return (
    <ul>
      {products} {hasNext && <button onClick={() => loadNext(10)}>More</button>}
    </ul>
  );
}
