import { atom } from "nanostores";
import { Client, type CombinedError, fetchExchange, mapExchange } from "urql";

import { GRAPHQL_URL } from "../network/addresses";
import { documentsExchange } from "../network/documents";
import { fetchInTime } from "../network/fetch";
import { keep, recall } from "../network/storage";
import { explained, isOfSession, isPassing, notice, trouble } from "../network/trouble";
import { csrfHeaders, csrfToken } from "./cookies";
import { Me, Refresh, SignIn, SignOut } from "./operations";

export { csrfHeaders } from "./cookies";

export interface User {
  id: string;
  email: string;
  name: string;
  role: "ADMIN" | "USER";
}

export type Session =
  | { state: "starting" }
  | { state: "out" }
  | { state: "in"; user: User }
  /** The page stays as it is behind the form. */
  | { state: "over"; user: User };

export const session = atom<Session>({ state: "starting" });

const UNTIL = "postberry-console-access-until";
const EARLY = 30_000;
const AGAIN = 2_000;

/** The other tabs of this browser, which have the same cookies: each tells the others of who signs in and out. */
const tabs = new BroadcastChannel("postberry-console");

/** Asks without renewing anything: what renews is asked by it. */
const bare = new Client({
  url: GRAPHQL_URL,
  preferGetMethod: false,
  fetch: fetchInTime,
  fetchOptions: () => ({ credentials: "same-origin", headers: csrfHeaders() }),
  exchanges: [mapExchange({ onResult: notice }), documentsExchange, fetchExchange],
});

/** Whether the access token is about to expire. All tabs share it, and so what they know of it. */
export function accessIsOver(): boolean {
  const until = Number(recall("localStorage", UNTIL) ?? 0);
  return session.get().state === "in" && until > 0 && Date.now() > until - EARLY;
}

/** Counts who was found to be signed in, so that an older answer does not replace a newer one. */
let found = 0;

function become(now: Session): void {
  found++;
  session.set(now);
}

function begin(user: User, seconds: number | null | undefined): void {
  if (seconds) keep("localStorage", UNTIL, String(Date.now() + seconds * 1000));
  become({ state: "in", user });
}

function end(): void {
  keep("localStorage", UNTIL, null);
  const now = session.get();
  become(now.state === "in" || now.state === "over" ? { state: "over", user: now.user } : { state: "out" });
}

/** What is wrong, in a sentence; null: signed in. */
export async function signIn(email: string, password: string): Promise<string | null> {
  const { data, error } = await bare.mutation(SignIn, { email, password }).toPromise();
  if (error) return explained(error);
  const answer = data?.userSignIn;
  if (!answer?.user) return answer?.userErrors.map(({ message }) => message).join(" ") ?? "The server gave no answer.";
  begin(answer.user, answer.expiresIn);
  tabs.postMessage(null);
  return null;
}

/** What is wrong, in a sentence; null: signed out. An access token that is over is renewed for it: the session is not. */
export async function signOut(): Promise<string | null> {
  await refreshIfOver();
  let error = await askToEnd();
  if (error && isOfSession(error)) {
    await refresh();
    if (session.get().state === "in") error = await askToEnd();
  }
  if (error && !isOfSession(error)) return explained(error);
  keep("localStorage", UNTIL, null);
  become({ state: "out" });
  tabs.postMessage(null);
  return null;
}

async function askToEnd(): Promise<CombinedError | undefined> {
  return (await bare.mutation(SignOut, {}).toPromise()).error;
}

async function refreshIfOver(): Promise<void> {
  if (accessIsOver()) await refresh();
}

let refreshing: Promise<void> | null = null;

/** New tokens, asked for once however many wait for them. A server that does not answer ends no session. */
export function refresh(): Promise<void> {
  refreshing ??= renew().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function renew(): Promise<void> {
  if (!csrfToken()) return end();
  const { data, error } = await bare.mutation(Refresh, {}).toPromise();
  const answer = data?.tokenRefresh;
  if (answer?.user) begin(answer.user, answer.expiresIn);
  else if (answer || (error && isOfSession(error))) end();
}

/** Finds out who is signed in, now and whenever it may have changed elsewhere. */
export async function start(): Promise<void> {
  tabs.onmessage = () => void identify();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void identify();
  });
  await identify();
}

let identifying = 0;

/** Finds out who is signed in, however long the server takes to answer. */
export async function identify(): Promise<void> {
  const turn = ++identifying; // who asks later goes on asking alone
  while (turn === identifying && !(await isIdentified())) await new Promise((resolve) => setTimeout(resolve, AGAIN));
}

async function isIdentified(): Promise<boolean> {
  if (!csrfToken()) {
    end();
    return true;
  }
  const turn = ++found;
  const { data, error } = await bare.query(Me, {}).toPromise();
  if (turn !== found) return true;
  if (data?.me) begin(data.me.user, null);
  else if (error && isOfSession(error)) await refresh();
  else if (error && !isPassing(error)) trouble.set(explained(error));
  return session.get().state !== "starting" && (!error || isOfSession(error));
}

/** Resolves once somebody is signed in, with a token that holds for a while. */
export async function signedIn(): Promise<void> {
  await refreshIfOver();
  while (session.get().state !== "in") await changed();
}

function changed(): Promise<void> {
  return new Promise((resolve) => {
    const stop = session.listen(() => {
      stop();
      resolve();
    });
  });
}
