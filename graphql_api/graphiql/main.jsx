import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./main.css";
// GraphiQL asks for the editor once it is drawn. Imported here, it comes together with the page.
import "monaco-graphql/esm/lite.js";
import "monaco-graphql/esm/monaco-editor.js";

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { parse } from "graphql";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";

import examples from "./examples.graphql";

/** One tab per operation of the examples, with the comment above it, and the variables it declares. */
function exampleTabs() {
  const operations = parse(examples).definitions;
  const ends = operations.map(({ loc }) => loc.end);
  return operations.map((operation, index) => ({
    query: examples.slice(ends[index - 1] ?? 0, ends[index]).trim(),
    variables: variablesOf(operation),
  }));
}

function variablesOf({ variableDefinitions }) {
  const given = variableDefinitions.map(({ variable, type }) => [variable.name.value, emptyOf(type)]);
  return given.length ? JSON.stringify(Object.fromEntries(given), null, 2) : undefined;
}

function emptyOf(type) {
  return type.kind === "NonNullType" ? "" : null;
}

/**
 * The endpoint is the address of this page: HTTP for queries and mutations, WebSocket for subscriptions.
 *
 * Who signs in within this page is signed in for all its tabs, until the page is closed or the token is refused.
 * The token is kept in memory alone, and the headers of a tab come first.
 */
function fetcherOf({ origin, pathname }) {
  const fetcher = createGraphiQLFetcher({ url: pathname, enableIncrementalDelivery: false });
  const socketUrl = origin.replace(/^http/, "ws") + pathname;
  let token;
  return async (given, options) => {
    const params = named(given);
    const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...options?.headers };
    if (isSubscription(params)) return followed(createClient({ url: socketUrl, connectionParams: headers }).iterate(params));
    const result = await fetcher(params, { ...options, headers });
    token = tokenAfter(result, token);
    return result;
  };
}

/** The answers of a subscription. To stop ends it at once, where a generator would wait for its next answer. */
function followed(answers) {
  const following = shown(answers);
  const end = following.return.bind(following);
  following.return = (value) => {
    void answers.return();
    return end(value);
  };
  return following;
}

/** A subscription that is refused throws its errors; GraphiQL shows answers, and what is an Error. */
async function* shown(answers) {
  try {
    yield* answers;
  } catch (thrown) {
    if (thrown instanceof CloseEvent) throw new Error(`The socket was closed: ${thrown.code} ${thrown.reason}`);
    if (!Array.isArray(thrown)) throw thrown;
    yield { errors: thrown };
  }
}

function tokenAfter({ data, errors }, token) {
  const isRefused = errors?.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED");
  const given = Object.values(data ?? {}).find((payload) => payload?.accessToken);
  return given?.accessToken ?? (isRefused || data?.userSignOut ? undefined : token);
}

/** For a moment after another tab was chosen, GraphiQL still has the name of the operation in the last one. */
function named(params) {
  const [only, ...others] = operations(params.query);
  return only && others.length === 0 ? { ...params, operationName: only.name?.value } : params;
}

function isSubscription({ query, operationName }) {
  return operations(query).some(({ name, operation }) => operation === "subscription" && name?.value === operationName);
}

function operations(query) {
  try {
    return parse(query, { noLocation: true }).definitions.filter(({ operation }) => operation);
  } catch {
    return []; // the server says what is wrong with it
  }
}

globalThis.MonacoEnvironment = {
  // bundle.mjs defines WORKERS: the file name of each worker by the language it serves.
  getWorker: (_id, language) => new Worker(new URL(WORKERS[language] ?? WORKERS.editor, import.meta.url)),
};

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    defaultEditorToolsVisibility="variables"
    defaultTabs={exampleTabs()}
    fetcher={fetcherOf(window.location)}
    isHeadersEditorEnabled
    plugins={[HISTORY_PLUGIN, explorerPlugin()]}
  />,
);
