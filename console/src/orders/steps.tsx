import type { OrderStatus, OrderWholeFragment } from "../generated/graphql";
import { useIdempotencyKey, useSending } from "../network/sending";
import { Action } from "../ui/action";
import { Complaint } from "../ui/parts";
import { OrderCancel, OrderStatusSet } from "./operations";

interface Next {
  status: OrderStatus;
  label: string;
  warning?: string;
}

const NEXT: Record<OrderStatus, Next | null> = {
  PENDING: { status: "PAID", label: "Mark as paid" },
  PAID: {
    status: "SHIPPED",
    label: "Mark as shipped",
    warning: "The customer gets a letter that says so, and the order cannot be cancelled any more.",
  },
  SHIPPED: { status: "DELIVERED", label: "Mark as delivered", warning: "This cannot be taken back." },
  DELIVERED: null,
  CANCELLED: null,
};
const CANCELLING = "The customer gets a letter that says so, and the pieces are for sale again. This cannot be taken back.";

/** What can be done to an order as it is; each step is taken once, however often it is sent. */
export function Steps({ order, onChange }: { order: OrderWholeFragment; onChange: () => Promise<unknown> }) {
  const key = useIdempotencyKey();
  const set = useSending(OrderStatusSet, (data) => data.orderStatusSet, onChange);
  const cancel = useSending(OrderCancel, (data) => data.orderCancel, onChange);
  const { id } = order;
  const next = NEXT[order.status];
  const isBusy = set.isSending || cancel.isSending;
  const step = async (isDone: Promise<boolean>) => void ((await isDone) && key.done());
  return (
    <>
      <p className="row">
        {next && (
          <Action
            isBusy={isBusy}
            warning={next.warning}
            onAct={() => step(set.send({ id, status: next.status, key: `${next.status} ${key.current()}` }))}
          >
            {next.label}
          </Action>
        )}
        {(order.status === "PENDING" || order.status === "PAID") && (
          <Action isDanger isBusy={isBusy} warning={CANCELLING} onAct={() => step(cancel.send({ id, key: `cancel ${key.current()}` }))}>
            Cancel order
          </Action>
        )}
      </p>
      <Complaint>{set.complaint || cancel.complaint}</Complaint>
    </>
  );
}
