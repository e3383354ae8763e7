import { graphql } from "../generated";

graphql(`
  fragment OrderRow on Order {
    id
    number
    status
    createdAt
    total { amount currencyCode }
    user { email name }
  }
`);

graphql(`
  fragment OrderWhole on Order {
    ...OrderRow
    updatedAt
    lines { name quantity price { amount currencyCode } total { amount currencyCode } }
    history { status at }
  }
`);

export const Orders = graphql(`
  query Orders($where: OrderWhere, $first: Int, $after: String, $last: Int, $before: String) {
    orders(where: $where, first: $first, after: $after, last: $last, before: $before) {
      nodes { ...OrderRow }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const Order = graphql(`
  query Order($id: ID!) {
    order(id: $id) { ...OrderWhole }
  }
`);

export const OrderStatusSet = graphql(`
  mutation OrderStatusSet($id: ID!, $status: OrderStatus!, $key: String!) {
    orderStatusSet(input: { id: $id, status: $status, idempotencyKey: $key }) {
      order { ...OrderWhole }
      job { id }
      userErrors { message }
    }
  }
`);

export const OrderCancel = graphql(`
  mutation OrderCancel($id: ID!, $key: String!) {
    orderCancel(input: { id: $id, idempotencyKey: $key }) {
      order { ...OrderWhole }
      job { id }
      userErrors { message }
    }
  }
`);
