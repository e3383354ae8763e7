import { graphql, useMutation, usePaginationFragment, useSubscription } from "react-relay";
import type { OrdersPageQuery } from "./generated/OrdersPageQuery.graphql";
import type { OrdersPlaceMutation } from "./generated/OrdersPlaceMutation.graphql";
import type { OrdersUpdatedSubscription } from "./generated/OrdersUpdatedSubscription.graphql";
import type { Orders_query$data, Orders_query$key } from "./generated/Orders_query.graphql";

const PLACE = graphql`
  mutation OrdersPlaceMutation($input: OrderPlaceInput!, $connections: [ID!]!) {
    orderPlace(input: $input) {
      order @prependNode(connections: $connections, edgeTypeName: "OrderEdge") {
        number
        status
      }
      userErrors {
        field
        message
        code
      }
    }
  }
`;

const UPDATED = graphql`
  subscription OrdersUpdatedSubscription($id: ID!) {
    orderUpdated(id: $id) {
      status
      updatedAt
    }
  }
`;

type OrderOfMine = NonNullable<Orders_query$data["me"]>["orders"]["edges"][number]["node"];

/** An order, watched as long as it is shown. */
function Order({ order }: { order: OrderOfMine }) {
  useSubscription<OrdersUpdatedSubscription>({ subscription: UPDATED, variables: { id: order.id } });
  return (
    <p>
      {order.number}: {order.status}
    </p>
  );
}

/** One's own orders, the newest first; a new one is put before them. */
export function Orders(props: { query: Orders_query$key; productId: string }) {
  const { data, hasNext, loadNext } = usePaginationFragment<OrdersPageQuery, Orders_query$key>(
    graphql`
      fragment Orders_query on Query
      @refetchable(queryName: "OrdersPageQuery")
      @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
        me {
          orders(first: $count, after: $cursor) @connection(key: "Orders_orders") {
            __id
            edges {
              node {
                id
                number
                status
              }
            }
          }
        }
      }
    `,
    props.query,
  );
  const [place, isPlacing] = useMutation<OrdersPlaceMutation>(PLACE);
  if (!data.me) return null;
  const { __id: list, edges } = data.me.orders;
  const input = { items: [{ productId: props.productId, quantity: 1 }] };
  return (
    <section>
      <button disabled={isPlacing} onClick={() => place({ variables: { input, connections: [list] } })}>
        Buy
      </button>
      {edges.map(({ node }) => (
        <Order key={node.id} order={node} />
      ))}
      {hasNext && <button onClick={() => loadNext(10)}>More</button>}
    </section>
  );
}
