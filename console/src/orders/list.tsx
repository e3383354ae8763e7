import { Link, useLocation } from "wouter";

import { OrderStatus, type OrderRowFragment } from "../generated/graphql";
import { usePolled } from "../network/polling";
import { addressOf, useParameters } from "../ui/address";
import { Choice } from "../ui/field";
import { price } from "../ui/money";
import { Page } from "../ui/page";
import { Badge, choices, Fault, Nothing, Pager, Unknown } from "../ui/parts";
import { Table } from "../ui/table";
import { Ago } from "../ui/time";
import { Orders } from "./operations";

const EVERY = 5_000;
const PAGE = 20;
const STATUSES = Object.values(OrderStatus);

export function OrderList() {
  const parameters = useParameters();
  const [, go] = useLocation();
  const status = STATUSES.find((each) => each === parameters.get("status"));
  const after = parameters.get("after");
  const polled = usePolled(Orders, { where: status ? { status } : {}, first: PAGE, after }, EVERY);
  const { data, error } = polled;
  const orders = data?.orders.nodes ?? [];
  const { hasNextPage, endCursor } = data?.orders.pageInfo ?? {};
  const to = (after?: string | null) => addressOf(["orders"], { status, after });
  return (
    <Page title="Orders">
      <form className="filters" role="search" aria-label="Filter orders" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label="Status"
          name="status"
          value={status ?? ""}
          options={choices("Any status", STATUSES)}
          onChange={(status) => go(addressOf(["orders"], { status }))}
        />
      </form>
      <Unknown name="status" value={parameters.get("status")} known={STATUSES} />
      <Fault error={error} />
      {orders.length > 0 ? <Rows orders={orders} /> : <Nothing of={polled}>No orders like this.</Nothing>}
      <Pager label="Pages of orders" links={{ Newest: after ? to() : null, Older: hasNextPage ? to(endCursor) : null }} />
    </Page>
  );
}

function Rows({ orders }: { orders: readonly OrderRowFragment[] }) {
  return (
    <Table name="Orders, the newest first" columns={{ Number: "", Status: "", Customer: "", Total: "figure", Placed: "" }}>
      <tbody>
        {orders.map((order) => (
          <Row key={order.id} order={order} />
        ))}
      </tbody>
    </Table>
  );
}

function Row({ order }: { order: OrderRowFragment }) {
  return (
    <tr>
      <th scope="row">
        <Link href={addressOf(["orders", order.id])}>{order.number}</Link>
      </th>
      <td>
        <Badge status={order.status} />
      </td>
      <td className="text">{order.user ? `${order.user.name} <${order.user.email}>` : "–"}</td>
      <td className="figure">{price(order.total)}</td>
      <td>
        <Ago time={order.createdAt} />
      </td>
    </tr>
  );
}
