import type { FormattedExecutionResult } from "graphql";
import { createClient, type Sink, type SubscribePayload } from "graphql-ws";
import type { ExecutionResult, SubscriptionForwarder } from "urql";

import { csrfToken } from "../session/cookies";
import { refresh, type Session, session, signedIn } from "../session/session";
import { SOCKET_URL } from "./addresses";
import { isLive } from "./trouble";

const LONGEST_WAIT = 15_000;
const KEEP_ALIVE = 10_000;
const PONG_WITHIN = 5_000;
const FORBIDDEN = 4403;
const NOT_NEEDED = 1000;

type Data = Record<string, unknown>;
type Request = Parameters<SubscriptionForwarder>[0];
type Observer = Parameters<ReturnType<SubscriptionForwarder>["subscribe"]>[0];

const wanted = new Set<Observer>();
let unanswered: ReturnType<typeof setTimeout> | undefined;

function wait(retries: number): Promise<void> {
  const most = Math.min(LONGEST_WAIT, 500 * 2 ** retries);
  return new Promise((resolve) => setTimeout(resolve, most * (0.5 + Math.random() / 2)));
}

/** A token that was refused is renewed; the next try waits for it. */
function closed(event: unknown): void {
  clearTimeout(unanswered);
  isLive.set(event instanceof CloseEvent && event.code === NOT_NEEDED ? null : false);
  if (event instanceof CloseEvent && event.code === FORBIDDEN) void refresh();
}

const socket = createClient({
  url: async () => {
    await signedIn();
    return SOCKET_URL;
  },
  connectionParams: () => ({ csrfToken: csrfToken() ?? "" }),
  retryAttempts: Number.POSITIVE_INFINITY,
  retryWait: wait,
  shouldRetry: () => true,
  keepAlive: KEEP_ALIVE,
  lazyCloseTimeout: 3_000,
  on: {
    connected: () => isLive.set(true),
    closed,
    ping: (isReceived) => {
      if (!isReceived) unanswered = setTimeout(() => socket.terminate(), PONG_WITHIN);
    },
    pong: (isReceived) => {
      if (isReceived) clearTimeout(unanswered);
    },
  },
});

function idOf(now?: Session): string | null {
  return now?.state === "in" || now?.state === "over" ? now.user.id : null;
}

// A socket stays whose it was.
session.listen((now, before) => {
  if (idOf(before) && idOf(now) && idOf(now) !== idOf(before)) socket.terminate();
});

/** As urql wants it; the package insists on a text where the document is named. */
export const subscribe: SubscriptionForwarder = (request) => ({
  subscribe: (sink) => {
    wanted.add(sink);
    const stop = socket.subscribe(payloadOf(request), sinkOf(sink));
    return {
      unsubscribe: () => {
        stop();
        forget(sink);
      },
    };
  },
});

/** What nobody wants any more is not connected anew, and no event tells. */
function forget(sink: Observer): void {
  wanted.delete(sink);
  if (wanted.size === 0 && isLive.get() === false) isLive.set(null);
}

function payloadOf({ query = "", variables = {}, operationName, extensions }: Request): SubscribePayload {
  return { query, variables: { ...variables }, operationName: operationName ?? null, extensions: extensions ?? null };
}

function sinkOf(observer: Observer): Sink<FormattedExecutionResult<Data>> {
  return {
    next: ({ data = null, ...rest }) => observer.next({ ...rest, data } as ExecutionResult),
    error: (error) => {
      forget(observer);
      observer.error(error);
    },
    complete: () => {
      forget(observer);
      observer.complete();
    },
  };
}
