import mongoose, { Schema } from "mongoose";

const { ObjectId } = Schema.Types;
const money = new Schema({ amount: Number, currency_code: String }, { _id: false });
const as = (collection) => ({ collection, versionKey: false });

const category = new Schema({ name: String, slug: String, created_at: Date }, as("categories"));

const product = new Schema(
  {
    name: String,
    slug: String,
    description: String,
    price: money,
    stock: Number,
    category_id: ObjectId,
    is_archived: Boolean,
    created_at: Date,
    updated_at: Date,
  },
  as("products"),
);
product.index({ is_archived: 1, created_at: -1, _id: -1 });

const line = new Schema(
  { product_id: ObjectId, name: String, quantity: Number, price: money, total: money },
  { _id: false },
);
const order = new Schema(
  {
    user_id: ObjectId,
    number: { type: String, unique: true },
    lines: [line],
    total: money,
    status: String,
    history: [new Schema({ status: String, at: Date }, { _id: false })],
    created_at: Date,
    updated_at: Date,
  },
  as("orders"),
);
order.index({ user_id: 1, created_at: -1, _id: -1 });

const user = new Schema(
  {
    email: String,
    email_key: { type: String, unique: true },
    name: String,
    password_hash: String,
    role: { type: String, default: "USER" },
    created_at: { type: Date, default: Date.now },
  },
  as("users"),
);

export const Category = mongoose.model("Category", category);
export const Product = mongoose.model("Product", product);
export const Order = mongoose.model("Order", order);
export const User = mongoose.model("User", user);
