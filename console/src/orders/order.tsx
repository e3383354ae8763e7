import { Link } from "wouter";

import type { OrderWholeFragment } from "../generated/graphql";
import { usePolled } from "../network/polling";
import { addressOf } from "../ui/address";
import { price } from "../ui/money";
import { Page } from "../ui/page";
import { Badge, Fault, Nothing, words } from "../ui/parts";
import { Table } from "../ui/table";
import { Exact } from "../ui/time";
import { Order } from "./operations";
import { Steps } from "./steps";

const EVERY = 5_000;

export function OrderPage({ id }: { id: string }) {
  const polled = usePolled(Order, { id }, EVERY);
  const { data, error, refresh } = polled;
  const order = data?.order;
  return (
    <Page title={order ? `Order ${order.number}` : "Order"}>
      <Fault error={error} />
      {order ? <Whole order={order} onChange={refresh} /> : <Nothing of={polled}>There is no such order.</Nothing>}
    </Page>
  );
}

function Whole({ order, onChange }: { order: OrderWholeFragment; onChange: () => Promise<unknown> }) {
  return (
    <>
      <p aria-live="polite">
        <Badge status={order.status} />
      </p>
      <dl className="facts">
        <dt>Customer</dt>
        <dd>{order.user ? <Customer {...order.user} /> : "–"}</dd>
        <dt>Placed</dt>
        <dd>
          <Exact time={order.createdAt} />
        </dd>
      </dl>
      <Steps key={order.status} order={order} onChange={onChange} />
      <h2>Lines</h2>
      <Lines order={order} />
      <h2>History</h2>
      <ol className="history">
        {order.history.map(({ status, at }) => (
          <li key={status}>
            {words(status)}, <Exact time={at} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Customer({ name, email }: { name: string; email: string }) {
  return (
    <>
      {name}, <Link href={addressOf(["jobs"], { recipient: email })}>letters to {email}</Link>
    </>
  );
}

function Lines({ order }: { order: OrderWholeFragment }) {
  return (
    <Table name="What was ordered" columns={{ Product: "", Pieces: "figure", Price: "figure", Total: "figure" }}>
      <tbody>
        {order.lines.map((line, index) => (
          <tr key={index}>
            <th scope="row" className="text">
              {line.name}
            </th>
            <td className="figure">{line.quantity}</td>
            <td className="figure">{price(line.price)}</td>
            <td className="figure">{price(line.total)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={3}>
            Total
          </th>
          <td className="figure">{price(order.total)}</td>
        </tr>
      </tfoot>
    </Table>
  );
}
