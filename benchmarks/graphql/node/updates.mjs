// Another process of the peers' shop, which changes orders and tells their subscribers, so many times a second.
import { RedisPubSub } from "graphql-redis-subscriptions";
import { Redis } from "ioredis";
import { MongoClient, ObjectId } from "mongodb";
import mqemitter from "mqemitter-redis";
import { told } from "./shared.mjs";

const mongodb = await MongoClient.connect(told.mongodb);
const orders = mongodb.db().collection("orders");

function throughApollo() {
  const pubsub = new RedisPubSub({ publisher: new Redis(told.redis), subscriber: new Redis(told.redis) });
  return (topic, payload) => pubsub.publish(topic, payload);
}

function throughMercurius() {
  const { hostname, port } = new URL(told.redis);
  const emitter = mqemitter({ host: hostname, port: Number(port) });
  return (topic, payload) => new Promise((resolve) => emitter.emit({ topic, payload }, resolve));
}

const publish = told.peer === "apollo" ? throughApollo() : throughMercurius();

async function update(id) {
  const now = new Date();
  const returned = { returnDocument: "after", projection: { number: 1, status: 1, updated_at: 1 } };
  const order = await orders.findOneAndUpdate({ _id: new ObjectId(id) }, { $set: { updated_at: now } }, returned);
  await publish(`orders.${id}`, { orderUpdated: { ...order, _id: id, updated_at: now.toISOString() } });
}

const began = Date.now();
for (let number = 0; ; number++) {
  const due = began + (number * 1000) / told.per_second;
  const early = due - Date.now();
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
  await update(told.orders[number % told.orders.length]);
}
