import { hash } from "@node-rs/argon2";
import { ObjectId } from "mongodb";
import { confirmation, fields, fromGlobalId, HASHED, ordered, refusal, RETRIED, scalars, signedIn, sized } from "../shared.mjs";

const NEWEST = { created_at: -1, _id: -1 };
const idOf = (type, globalId) => new ObjectId(fromGlobalId(type, globalId));
const onSale = (product) => (product && !product.is_archived ? product : null);

async function byId(collection, ids) {
  const found = new Map();
  for await (const document of collection.find({ _id: { $in: ids } })) found.set(document._id.toString(), document);
  return ids.map((id) => found.get(id.toString()) ?? null);
}

async function take(products, items, session) {
  const taken = [];
  for (const { productId, quantity } of items) {
    const sellable = { _id: idOf("Product", productId), is_archived: false, stock: { $gte: quantity } };
    const product = await products.findOneAndUpdate(sellable, { $inc: { stock: -quantity } }, { session });
    if (!product) throw refusal("It cannot be sold in this quantity.", "OUT_OF_STOCK");
    taken.push({ product, quantity });
  }
  return taken;
}

export function resolvers({ client, products, orders, users }, { letters, confirmations }) {
  const place = (userId, items) =>
    client.withSession((session) =>
      session.withTransaction(async () => {
        const taken = await take(products, items, session);
        const user = await users.findOne({ _id: userId }, { session });
        const order = { _id: new ObjectId(), ...ordered(userId, taken) };
        await orders.insertOne(order, { session });
        return { user, order };
      }),
    );

  return {
    ...scalars,
    ...fields,
    Query: {
      me: async (_, __, { userId }) => {
        const user = userId && (await users.findOne({ _id: new ObjectId(userId) }));
        return user ? { user } : null;
      },
      product: async (_, { id }) => onSale(await products.findOne({ _id: idOf("Product", id) })),
      products: async (_, { first }) => ({
        nodes: await products.find({ is_archived: false }).sort(NEWEST).limit(sized(first)).toArray(),
      }),
      orders: async (_, { first }, context) => {
        const own = { user_id: new ObjectId(signedIn(context)) };
        return { nodes: await orders.find(own).sort(NEWEST).limit(sized(first)).toArray() };
      },
    },
    Mutation: {
      orderPlace: async (_, { input }, context) => {
        const { user, order } = await place(new ObjectId(signedIn(context)), input.items);
        const job = await confirmations.add("order-confirmation", confirmation(user, order), RETRIED);
        return { order, job: { id: job.id, status: "QUEUED" }, userErrors: [] };
      },
      userSignUp: async (_, { input: { email, password, name } }) => {
        const password_hash = await hash(password, HASHED);
        const user = { email, email_key: email.toLowerCase(), name, password_hash, role: "USER", created_at: new Date() };
        const { insertedId } = await users.insertOne(user);
        const job = await letters.add("welcome", { to: email, name, userId: insertedId.toString() }, RETRIED);
        return { job: { id: job.id, status: "QUEUED" }, userErrors: [] };
      },
    },
    Subscription: {
      orderUpdated: {
        subscribe: (_, { id }, { pubsub, ...context }) => {
          signedIn(context);
          return pubsub.subscribe(`orders.${fromGlobalId("Order", id)}`);
        },
      },
    },
  };
}

// One call to MongoDB for all rows of a level. Their cache is off: it would serialise every row to find it again.
export const loaders = ({ products, categories }) => ({
  Product: {
    category: {
      loader: (queries) => byId(categories, queries.map(({ obj }) => obj.category_id)),
      opts: { cache: false },
    },
  },
  OrderLine: {
    product: {
      loader: async (queries) => (await byId(products, queries.map(({ obj }) => obj.product_id))).map(onSale),
      opts: { cache: false },
    },
  },
});
