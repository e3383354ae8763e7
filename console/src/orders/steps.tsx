import type { OrderStatus, OrderWholeFragment } from "../generated/graphql";
import { useIdempotencyKey, useSending } from "../network/sending";
import { Action } from "../ui/action";
import { Complaint } from "../ui/parts";
import { OrderCancel, OrderStatusSet } from "./operations";

const NEXT: Record<OrderStatus, { status: OrderStatus; label: string } | null> = {
  PENDING: { status: "PAID", label: "Mark as paid" },
  PAID: { status: "SHIPPED", label: "Mark as shipped" },
  SHIPPED: { status: "DELIVERED", label: "Mark as delivered" },
  DELIVERED: null,
  CANCELLED: null,
};

/** What can be done to an order as it is; each step is taken once, however often it is sent. */
export function Steps({ order, onChange }: { order: OrderWholeFragment; onChange: () => Promise<unknown> }) {
  const step = useStep(onChange);
  const set = useSending(OrderStatusSet, (data) => data.orderStatusSet);
  const cancel = useSending(OrderCancel, (data) => data.orderCancel);
  const { id } = order;
  const next = NEXT[order.status];
  const isSending = set.isSending || cancel.isSending;
  return (
    <>
      <p className="row">
        {next && (
          <Action isBusy={isSending} onAct={() => step((key) => set.send({ id, status: next.status, key: `${next.status} ${key}` }))}>
            {next.label}
          </Action>
        )}
        {(order.status === "PENDING" || order.status === "PAID") && (
          <Action isDanger isBusy={isSending} onAct={() => step((key) => cancel.send({ id, key: `cancel ${key}` }))}>
            Cancel order
          </Action>
        )}
      </p>
      <Complaint>{set.complaint || cancel.complaint}</Complaint>
    </>
  );
}

function useStep(onChange: () => Promise<unknown>): (send: (key: string) => Promise<boolean>) => Promise<void> {
  const key = useIdempotencyKey();
  return async (send) => {
    if (await send(key.current())) key.done();
    await onChange();
  };
}
