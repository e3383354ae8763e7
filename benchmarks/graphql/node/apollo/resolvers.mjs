import { hash } from "@node-rs/argon2";
import DataLoader from "dataloader";
import mongoose from "mongoose";
import { confirmation, fields, fromGlobalId, HASHED, ordered, refusal, RETRIED, scalars, signedIn, sized } from "../shared.mjs";
import { Category, Order, Product, User } from "./models.mjs";

const NEWEST = { created_at: -1, _id: -1 };

const byId = (model) =>
  new DataLoader(
    async (ids) => {
      const found = await model.find({ _id: { $in: ids } });
      const documents = new Map(found.map((document) => [document.id, document]));
      return ids.map((id) => documents.get(id.toString()) ?? null);
    },
    { cacheKeyFn: (id) => id.toString() },
  );

export const loaders = () => ({ categories: byId(Category), products: byId(Product) });

const onSale = (product) => (product && !product.is_archived ? product : null);

async function take(items, session) {
  const taken = [];
  for (const { productId, quantity } of items) {
    const sellable = { _id: fromGlobalId("Product", productId), is_archived: false, stock: { $gte: quantity } };
    const product = await Product.findOneAndUpdate(sellable, { $inc: { stock: -quantity } }, { session });
    if (!product) throw refusal("It cannot be sold in this quantity.", "OUT_OF_STOCK");
    taken.push({ product, quantity });
  }
  return taken;
}

async function place(userId, items) {
  let placed;
  await mongoose.connection.transaction(async (session) => {
    const taken = await take(items, session);
    const user = await User.findById(userId).session(session);
    const [order] = await Order.create([ordered(userId, taken)], { session });
    placed = { user, order };
  });
  return placed;
}

export const resolvers = ({ letters, confirmations }, pubsub) => ({
  ...scalars,
  ...fields,
  Product: {
    ...fields.Product,
    category: (product, _, { loaders }) => loaders.categories.load(product.category_id),
  },
  OrderLine: {
    product: async (line, _, { loaders }) => onSale(await loaders.products.load(line.product_id)),
  },
  Query: {
    me: async (_, __, { userId }) => {
      const user = userId && (await User.findById(userId));
      return user ? { user } : null;
    },
    product: async (_, { id }) => onSale(await Product.findById(fromGlobalId("Product", id))),
    products: async (_, { first }) => ({ nodes: await Product.find({ is_archived: false }).sort(NEWEST).limit(sized(first)) }),
    orders: async (_, { first }, context) => ({
      nodes: await Order.find({ user_id: signedIn(context) }).sort(NEWEST).limit(sized(first)),
    }),
  },
  Mutation: {
    orderPlace: async (_, { input }, context) => {
      const { user, order } = await place(signedIn(context), input.items);
      const job = await confirmations.add("order-confirmation", confirmation(user, order), RETRIED);
      return { order, job: { id: job.id, status: "QUEUED" }, userErrors: [] };
    },
    userSignUp: async (_, { input: { email, password, name } }) => {
      const password_hash = await hash(password, HASHED);
      const user = await User.create({ email, email_key: email.toLowerCase(), name, password_hash });
      const job = await letters.add("welcome", { to: email, name, userId: user.id }, RETRIED);
      return { job: { id: job.id, status: "QUEUED" }, userErrors: [] };
    },
  },
  Subscription: {
    orderUpdated: {
      subscribe: (_, { id }, context) => {
        signedIn(context);
        return pubsub.asyncIterableIterator(`orders.${fromGlobalId("Order", id)}`);
      },
    },
  },
});
