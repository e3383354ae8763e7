import { atom } from "nanostores";
import { Client, type CombinedError, fetchExchange, mapExchange } from "urql";

import { GRAPHQL_URL } from "../network/addresses";
import { documentsExchange } from "../network/documents";
import { fetchInTime } from "../network/fetch";
import { explained, isOfSession, isPassing, notice } from "../network/trouble";
import { csrfHeaders, csrfToken } from "./cookies";
import { Me, Refresh, SignIn, SignOut } from "./operations";

export { csrfHeaders } from "./cookies";

export interface User {
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
  const until = Number(localStorage.getItem(UNTIL) ?? 0);
  return session.get().state === "in" && until > 0 && Date.now() > until - EARLY;
}

function begin(user: User, seconds: number | null | undefined): void {
  if (seconds) localStorage.setItem(UNTIL, String(Date.now() + seconds * 1000));
  session.set({ state: "in", user });
}

function end(): void {
  localStorage.removeItem(UNTIL);
  const now = session.get();
  session.set(now.state === "in" || now.state === "over" ? { state: "over", user: now.user } : { state: "out" });
}

/** What is wrong, in a sentence; null: signed in. */
export async function signIn(email: string, password: string): Promise<string | null> {
  const { data, error } = await bare.mutation(SignIn, { email, password }).toPromise();
  if (error) return explained(error);
  const answer = data?.userSignIn;
  if (!answer?.user) return answer?.userErrors.map(({ message }) => message).join(" ") ?? "The server gave no answer.";
  begin(answer.user, answer.expiresIn);
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
  localStorage.removeItem(UNTIL);
  session.set({ state: "out" });
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
  else if (!error || !isPassing(error)) end();
}

/** Finds out who is signed in, however long the server takes to answer. */
export async function start(): Promise<void> {
  await identify();
  while (session.get().state === "starting") {
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
    await identify();
  }
}

async function identify(): Promise<void> {
  if (!csrfToken()) return session.set({ state: "out" });
  const { data, error } = await bare.query(Me, {}).toPromise();
  if (data?.me) begin(data.me.user, null);
  else if (!error || !isPassing(error)) await refresh();
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
