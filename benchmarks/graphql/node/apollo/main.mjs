// Apollo Server on Express with Mongoose and BullMQ, and what a team puts around it in production.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import { expressMiddleware } from "@as-integrations/express5";
import { makeExecutableSchema } from "@graphql-tools/schema";
import { Queue } from "bullmq";
import express from "express";
import { rateLimit } from "express-rate-limit";
import depthLimit from "graphql-depth-limit";
import { RedisPubSub } from "graphql-redis-subscriptions";
import { useServer } from "graphql-ws/use/ws";
import helmet from "helmet";
import { Redis } from "ioredis";
import jwt from "jsonwebtoken";
import mongoose from "mongoose";
import pino from "pino";
import { pinoHttp } from "pino-http";
import prometheus from "prom-client";
import { RedisStore } from "rate-limit-redis";
import { WebSocketServer } from "ws";
import { JWT, MOST_DEPTH, MOST_REQUESTS, refusal, told, typeDefs } from "../shared.mjs";
import { loaders, resolvers } from "./resolvers.mjs";

const redis = new Redis(told.redis);
const connection = { url: told.redis };
const queues = { letters: new Queue("letters", { connection }), confirmations: new Queue("confirmations", { connection }) };
const pubsub = new RedisPubSub({ publisher: new Redis(told.redis), subscriber: new Redis(told.redis) });
const schema = makeExecutableSchema({ typeDefs, resolvers: resolvers(queues, pubsub) });

prometheus.collectDefaultMetrics();
const seconds = new prometheus.Histogram({
  name: "http_request_seconds",
  help: "Time until the answer was sent.",
  labelNames: ["method", "path", "status"],
});

function measured(request, response, next) {
  const end = seconds.startTimer();
  const path = request.path;
  response.on("finish", () => end({ method: request.method, path, status: response.statusCode }));
  next();
}

function userOf(authorization) {
  if (!authorization?.startsWith("Bearer ")) return null;
  try {
    return jwt.verify(authorization.slice("Bearer ".length), told.secret, JWT).sub;
  } catch {
    throw refusal("Sign in again.", "UNAUTHENTICATED");
  }
}

const log = pino(pino.destination({ dest: told.log, sync: false, minLength: 4096 }));

function genReqId(request, response) {
  const id = request.headers["x-request-id"] ?? randomUUID();
  response.setHeader("X-Request-ID", id);
  return id;
}

const app = express();
const httpServer = createServer(app);
app.use(pinoHttp({ logger: log, genReqId }));
app.use(measured);
app.use(helmet());
app.get("/metrics", async (_, response) => response.type(prometheus.register.contentType).send(await prometheus.register.metrics()));
const store = new RedisStore({ sendCommand: (command, ...rest) => redis.call(command, ...rest) });
app.use(rateLimit({ windowMs: 60_000, limit: MOST_REQUESTS, standardHeaders: "draft-8", legacyHeaders: false, store }));

const sockets = new WebSocketServer({ server: httpServer, path: "/graphql" });
const context = ({ connectionParams }) => ({ userId: userOf(connectionParams?.authorization), loaders: loaders() });
const serverCleanup = useServer({ schema, context }, sockets);

const server = new ApolloServer({
  schema,
  validationRules: [depthLimit(MOST_DEPTH)],
  plugins: [
    ApolloServerPluginDrainHttpServer({ httpServer }),
    { serverWillStart: async () => ({ drainServer: () => serverCleanup.dispose() }) },
  ],
});
await mongoose.connect(told.mongodb);
await server.start();
const perRequest = async ({ req }) => ({ userId: userOf(req.headers.authorization), loaders: loaders() });
app.use("/graphql", express.json(), expressMiddleware(server, { context: perRequest }));
httpServer.listen(told.port, "127.0.0.1");

process.on("SIGTERM", () => process.exit(0));
