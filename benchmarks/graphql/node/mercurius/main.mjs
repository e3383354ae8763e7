// Mercurius on Fastify with the mongodb driver and BullMQ; `full` puts around it what a team has in production.
import { randomUUID } from "node:crypto";
import helmet from "@fastify/helmet";
import jwt from "@fastify/jwt";
import rateLimit from "@fastify/rate-limit";
import { Queue } from "bullmq";
import Fastify from "fastify";
import { Redis } from "ioredis";
import mercurius from "mercurius";
import { MongoClient } from "mongodb";
import mqemitter from "mqemitter-redis";
import pino from "pino";
import prometheus from "prom-client";
import { JWT, MOST_DEPTH, MOST_REQUESTS, refusal, told, typeDefs } from "../shared.mjs";
import { loaders, resolvers } from "./resolvers.mjs";

const client = await MongoClient.connect(told.mongodb);
const [products, categories, orders, users] = ["products", "categories", "orders", "users"].map((name) => client.db().collection(name));
const store = { client, products, categories, orders, users };
await products.createIndex({ is_archived: 1, created_at: -1, _id: -1 });
await orders.createIndex({ user_id: 1, created_at: -1, _id: -1 });
await orders.createIndex({ number: 1 }, { unique: true });
await users.createIndex({ email_key: 1 }, { unique: true });
const connection = { url: told.redis };
const queues = { letters: new Queue("letters", { connection }), confirmations: new Queue("confirmations", { connection }) };

const named = { requestIdHeader: "x-request-id", genReqId: () => randomUUID() };
const logged = () => ({ loggerInstance: pino(pino.destination({ dest: told.log, sync: false, minLength: 4096 })) });
const app = Fastify(told.full ? { ...named, ...logged() } : {});

async function harden() {
  await app.register(helmet);
  await app.register(rateLimit, { max: MOST_REQUESTS, timeWindow: 60_000, redis: new Redis(told.redis) });
  app.addHook("onRequest", async (request, reply) => void reply.header("X-Request-ID", request.id));
  prometheus.collectDefaultMetrics();
  const labelNames = ["method", "path", "status"];
  const help = "Time until the answer was sent.";
  const seconds = new prometheus.Histogram({ name: "http_request_seconds", help, labelNames });
  app.addHook("onResponse", async (request, reply) =>
    seconds.observe(
      { method: request.method, path: request.routeOptions.url, status: reply.statusCode },
      reply.elapsedTime / 1000,
    ),
  );
  app.get("/metrics", async (_, reply) => reply.type(prometheus.register.contentType).send(await prometheus.register.metrics()));
}

async function userOf(request) {
  if (!request.headers.authorization) return null;
  try {
    return (await request.jwtVerify()).sub;
  } catch {
    throw refusal("Sign in again.", "UNAUTHENTICATED");
  }
}

const bearer = (authorization) => authorization?.replace("Bearer ", "");
const onConnect = async ({ payload }) => {
  const token = bearer(payload?.authorization);
  return { userId: token ? app.jwt.verify(token).sub : null };
};

if (told.full) await harden();
const { algorithms, issuer, audience } = JWT;
await app.register(jwt, { secret: told.secret, verify: { algorithms, allowedIss: issuer, allowedAud: audience } });
const { hostname, port } = new URL(told.redis);
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: resolvers(store, queues),
  loaders: loaders(store),
  context: async (request) => ({ userId: await userOf(request) }),
  subscription: { emitter: mqemitter({ host: hostname, port: Number(port) }), onConnect },
  jit: 1,
  graphiql: false,
  ...(told.full ? { queryDepth: MOST_DEPTH } : {}),
});
await app.listen({ port: told.port, host: "127.0.0.1" });

process.on("SIGTERM", () => process.exit(0));
