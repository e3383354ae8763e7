import { atom } from "nanostores";
import type { CombinedError, OperationResult } from "urql";

/** What keeps the page from being up to date, in a sentence; null: nothing. */
export const trouble = atom<string | null>(null);

/** Whether the socket is open that tells of changes; null while nothing needs one. */
export const isLive = atom<boolean | null>(null);

const GOES_ON = "The page goes on by itself, and nothing you typed is lost.";
const OTHER_VERSION = "The console is of another version than the server: reload the page.";

function codeOf(error: CombinedError): string {
  return String(error.graphQLErrors[0]?.extensions.code ?? "");
}

/** Whether nobody is signed in any more: then a form says so. */
export function isOfSession(error: CombinedError): boolean {
  return codeOf(error) === "UNAUTHENTICATED";
}

/** Whether one may not do this, which may be because one's role has changed. */
export function isForbidden(error: CombinedError): boolean {
  return codeOf(error) === "FORBIDDEN";
}

/** Whether the document itself was refused, before any field of it was read. */
function isOfAnotherVersion({ graphQLErrors: [first] }: CombinedError): boolean {
  return first !== undefined && !first.path && first.extensions.code === "BAD_USER_INPUT";
}

/** Whether asking again may help: what is wrong lies between here and the data, not in what was asked. */
export function isPassing(error: CombinedError): boolean {
  return error.networkError !== undefined || ["INTERNAL_SERVER_ERROR", "RATE_LIMITED", "TIMEOUT"].includes(codeOf(error));
}

function said(error: CombinedError): string {
  const [first] = error.graphQLErrors;
  if (first) return `${first.message} (request ${String(first.extensions.requestId ?? "unknown")})`;
  const { response } = error;
  if (response instanceof Response && !response.ok) return `The server answers with an error, status ${response.status}.`;
  if (response instanceof Response && !isJson(response)) return "Something else answers than the server, perhaps a proxy.";
  return navigator.onLine ? "The server does not answer." : "This device has no network.";
}

function isJson({ headers }: Response): boolean {
  return headers.get("Content-Type")?.includes("json") ?? false;
}

/** So long a trouble stays though other things are answered: what failed is asked again before. */
const FRESH = 6_000;
let last = { key: 0, at: 0 };

/** Notes what a result says of the way to the server. */
export function notice({ error, operation: { key } }: OperationResult): void {
  const now = performance.now();
  if (error && isPassing(error)) {
    last = { key, at: now };
    trouble.set(`${said(error)} ${GOES_ON}`);
  } else if (key === last.key || now - last.at > FRESH) trouble.set(null);
}

/** What to show beside the thing that failed. */
export function explained(error: CombinedError): string {
  if (isOfAnotherVersion(error)) return OTHER_VERSION;
  const [first] = error.graphQLErrors;
  return first ? first.message : said(error);
}
