import { graphql, useRefetchableFragment } from "react-relay";
import type { ProductCardRefetchQuery } from "./generated/ProductCardRefetchQuery.graphql";
import type { ProductCard_product$key } from "./generated/ProductCard_product.graphql";

/** A product that is asked for again, by `node`, when somebody wants to know how many are left. */
export function ProductCard(props: { product: ProductCard_product$key }) {
  const [product, refetch] = useRefetchableFragment<ProductCardRefetchQuery, ProductCard_product$key>(
    graphql`
      fragment ProductCard_product on Product @refetchable(queryName: "ProductCardRefetchQuery") {
        name
        stock
        price {
          amount
          currencyCode
        }
      }
    `,
    props.product,
  );
  const again = () => refetch({}, { fetchPolicy: "network-only" });
  return (
    <li onClick={again}>
      {product.name}, {product.price.amount} {product.price.currencyCode}: {product.stock} left
    </li>
  );
}
