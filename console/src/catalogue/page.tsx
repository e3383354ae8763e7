import type { ProductsQuery } from "../generated/graphql";
import { usePolled } from "../network/polling";
import { addressOf, useParameters } from "../ui/address";
import { price } from "../ui/money";
import { Page } from "../ui/page";
import { Fault, Nothing, Pager } from "../ui/parts";
import { Table } from "../ui/table";
import { Filters, filterOf, sortOf, whereOf } from "./filters";
import { Products } from "./operations";

const EVERY = 30_000;
const PAGE = 25;

export function Catalogue() {
  const parameters = useParameters();
  const filter = filterOf(parameters);
  const after = parameters.get("after");
  const polled = usePolled(Products, { where: whereOf(filter), sortBy: sortOf(filter), first: PAGE, after }, EVERY);
  const { data, error } = polled;
  const products = data?.products.nodes ?? [];
  const { hasNextPage, endCursor } = data?.products.pageInfo ?? {};
  const to = (after?: string | null) => addressOf(["catalogue"], { ...filter, after });
  return (
    <Page title="Catalogue">
      <Filters filter={filter} />
      <Fault error={error} />
      {products.length > 0 ? <Rows products={products} /> : <Nothing of={polled}>No products like this.</Nothing>}
      <Pager label="Pages of products" links={{ "First page": after ? to() : null, "Next page": hasNextPage ? to(endCursor) : null }} />
    </Page>
  );
}

type Product = ProductsQuery["products"]["nodes"][number];

function Rows({ products }: { products: readonly Product[] }) {
  return (
    <Table name="Products" columns={{ Name: "", Category: "", Price: "figure", Stock: "figure" }}>
      <tbody>
        {products.map((product) => (
          <Row key={product.id} product={product} />
        ))}
      </tbody>
    </Table>
  );
}

function Row({ product }: { product: Product }) {
  return (
    <tr>
      <th scope="row" className="text">
        {product.name} <span className="quiet">{product.slug}</span>
      </th>
      <td className="text">{product.category.name}</td>
      <td className="figure">{price(product.price)}</td>
      <td className="figure">
        {product.stock.toLocaleString()}
        {!product.inStock && <span className="error-code"> sold out</span>}
      </td>
    </tr>
  );
}
