import { authExchange } from "@urql/exchange-auth";
import { Client, type CombinedError, fetchExchange, mapExchange, type OperationResult, subscriptionExchange } from "urql";

import { accessIsOver, csrfHeaders, identify, refresh } from "../session/session";
import { GRAPHQL_URL } from "./addresses";
import { documentsExchange } from "./documents";
import { fetchInTime } from "./fetch";
import { subscribe } from "./socket";
import { isForbidden, notice } from "./trouble";

function isUnauthenticated(error: CombinedError): boolean {
  return error.graphQLErrors.some(({ extensions }) => extensions.code === "UNAUTHENTICATED");
}

function hear(result: OperationResult): void {
  notice(result);
  if (result.error && isForbidden(result.error)) void identify();
}

/** Renews the access token before it expires, and once when it is refused. */
const renewing = authExchange(async () => ({
  addAuthToOperation: (operation) => operation,
  willAuthError: accessIsOver,
  didAuthError: isUnauthenticated,
  refreshAuth: refresh,
}));

/** What every page asks by. Nothing is cached: an operator wants to see what is, and pages of it are all that is kept. */
export const client = new Client({
  url: GRAPHQL_URL,
  preferGetMethod: false,
  fetch: fetchInTime,
  fetchOptions: () => ({ credentials: "same-origin", headers: csrfHeaders() }),
  exchanges: [
    mapExchange({ onResult: hear }),
    renewing,
    documentsExchange,
    fetchExchange,
    subscriptionExchange({ forwardSubscription: subscribe }),
  ],
});
