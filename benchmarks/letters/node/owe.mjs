// Inserts what a request would insert, and enqueues a letter for each.
import { Queue } from "bullmq";
import { MongoClient, ObjectId } from "mongodb";

const TOGETHER = 20;

const told = JSON.parse(process.argv[2]);
const mongodb = await MongoClient.connect(told.mongodb);
const users = mongodb.db().collection("users");
const queue = new Queue("letters", { connection: { url: told.redis } });

async function owe(number) {
  const user = { _id: new ObjectId(), email: `user${number}@example.com`, name: `User ${number}` };
  await users.insertOne(user);
  const letter = { to: user.email, name: user.name, userId: user._id, number: "7K3QX-0M9ZD", total: "EUR 39.98" };
  const attempts = { attempts: 5, backoff: { type: "exponential", delay: 2000 } };
  await queue.add(told.letter, letter, { ...attempts, removeOnComplete: true });
}

let next = 0;
async function oweEach() {
  while (next < told.count) await owe(next++);
}

await Promise.all(Array.from({ length: TOGETHER }, oweEach));
await queue.close();
await mongodb.close();
