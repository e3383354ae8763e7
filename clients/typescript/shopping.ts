import { execute } from "./execute.js";
import { type FragmentType, graphql, useFragment } from "./generated/index.js";
import { PlaceOrderDocument, ProductsDocument, SignInDocument, SignUpDocument } from "./generated/graphql.js";

const Label = graphql(`
  fragment Label on Product {
    name
    price {
      amount
      currencyCode
    }
  }
`);

const Lamps = graphql(`
  query Lamps($where: ProductWhere) {
    products(where: $where, sortBy: PRICE_ASC, first: 2) {
      nodes {
        id
        ...Label
      }
    }
  }
`);

function label(product: FragmentType<typeof Label>): string {
  const { name, price } = useFragment(Label, product);
  return `${name}, ${price.amount} ${price.currencyCode}`;
}

async function token(url: string): Promise<string> {
  const email = `ada-${crypto.randomUUID()}@example.com`;
  const password = "correct horse battery staple";
  await execute(url, SignUpDocument, { input: { email, password, name: "Ada Lovelace" } });
  const { userSignIn } = await execute(url, SignInDocument, { input: { email, password } });
  if (!userSignIn.accessToken) throw new Error(userSignIn.userErrors.map((error) => error.message).join("\n"));
  return userSignIn.accessToken;
}

async function main(url: string): Promise<string> {
  const where = { search: "lamp", OR: [{ inStock: true }, { price: { lte: "10.00" } }] };
  const { products } = await execute(url, Lamps, { where });
  const { products: all } = await execute(url, ProductsDocument, { search: "lamp", first: 1 });
  const [cheapest] = products.nodes;
  if (!cheapest) throw new Error("There is no lamp.");
  const input = { items: [{ productId: cheapest.id, quantity: 1 }], idempotencyKey: crypto.randomUUID() };
  const { orderPlace } = await execute(url, PlaceOrderDocument, { input }, await token(url));
  if (!orderPlace.order) throw new Error(orderPlace.userErrors.map((error) => error.code).join("\n"));
  return `${label(cheapest)}, one of ${all.totalCount}: order ${orderPlace.order.status}`;
}

console.log(await main(process.argv[2] ?? "http://127.0.0.1:8000/graphql"));
