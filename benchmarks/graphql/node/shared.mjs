// What both programs need: what they were told, ids, scalars, numbers of orders.
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { GraphQLError, GraphQLScalarType } from "graphql";

export const told = JSON.parse(process.argv[2]);
export const typeDefs = readFileSync(new URL("schema.graphql", import.meta.url), "utf8");

export const JWT = { algorithms: ["HS256"], issuer: "postberry", audience: "postberry" };
export const MOST_DEPTH = 10;
export const MOST_FIRST = 100;
export const MOST_REQUESTS = 1_000_000_000;
export const RETRIED = { attempts: 5, backoff: { type: "exponential", delay: 2000 }, removeOnComplete: true };
export const HASHED = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const toGlobalId = (type, id) => Buffer.from(`${type}:${id}`).toString("base64url");

export function fromGlobalId(type, globalId) {
  const [found, id] = Buffer.from(globalId, "base64url").toString().split(":");
  if (found !== type || !/^[0-9a-f]{24}$/.test(id ?? "")) throw refusal(`This is not the id of a ${type}.`, "BAD_USER_INPUT");
  return id;
}

export const refusal = (message, code) => new GraphQLError(message, { extensions: { code } });

export function signedIn(context) {
  if (!context.userId) throw refusal("Sign in.", "UNAUTHENTICATED");
  return context.userId;
}

export function sized(first) {
  if (first < 1 || first > MOST_FIRST) throw refusal(`first is a number from 1 to ${MOST_FIRST}.`, "BAD_USER_INPUT");
  return first;
}

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const five = () => Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
export const orderNumber = () => `${five()}-${five()}`;

export const scalars = {
  DateTime: new GraphQLScalarType({
    name: "DateTime",
    serialize: (value) => (value instanceof Date ? value.toISOString() : value),
  }),
  Decimal: new GraphQLScalarType({ name: "Decimal", serialize: String }),
};

// How the documents are shown, whichever library read them.
export const fields = {
  Money: {
    amount: (money) => (money.amount / 100).toFixed(2),
    currencyCode: (money) => money.currency_code,
  },
  Category: {
    id: (category) => toGlobalId("Category", category._id),
    createdAt: (category) => category.created_at,
  },
  Product: {
    id: (product) => toGlobalId("Product", product._id),
    inStock: (product) => product.stock > 0,
    createdAt: (product) => product.created_at,
    updatedAt: (product) => product.updated_at,
  },
  Order: {
    id: (order) => toGlobalId("Order", order._id),
    createdAt: (order) => order.created_at,
    updatedAt: (order) => order.updated_at,
  },
  User: {
    id: (user) => toGlobalId("User", user._id),
    createdAt: (user) => user.created_at,
  },
};

// What an order becomes of the products that were taken out of the stock.
export function ordered(userId, taken) {
  const lines = taken.map(({ product, quantity }) => {
    const { amount, currency_code } = product.price;
    const total = { amount: amount * quantity, currency_code };
    return { product_id: product._id, name: product.name, quantity, price: { amount, currency_code }, total };
  });
  const amount = lines.reduce((sum, line) => sum + line.total.amount, 0);
  const now = new Date();
  return {
    user_id: userId,
    number: orderNumber(),
    lines,
    total: { amount, currency_code: lines[0].total.currency_code },
    status: "PENDING",
    history: [{ status: "PENDING", at: now }],
    created_at: now,
    updated_at: now,
  };
}

// What the confirmation is made of, by the worker.
export const confirmation = (user, order) => ({
  to: user.email,
  name: user.name,
  number: order.number,
  lines: order.lines.map(({ name, quantity, price, total }) => ({ name, quantity, price: price.amount, total: total.amount })),
  total: order.total.amount,
});
