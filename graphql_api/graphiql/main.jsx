import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./main.css";

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { parse } from "graphql";
import { createRoot } from "react-dom/client";

import examples from "./examples.graphql";

/** One tab per operation of the examples, with the comment above it. */
function exampleTabs() {
  const ends = parse(examples).definitions.map(({ loc }) => loc.end);
  return ends.map((end, index) => ({ query: examples.slice(ends[index - 1] ?? 0, end).trim() }));
}

/** The endpoint is the address of this page: HTTP for queries and mutations, WebSocket for subscriptions. */
function fetcherOf({ origin, pathname }) {
  return createGraphiQLFetcher({
    url: pathname,
    subscriptionUrl: origin.replace(/^http/, "ws") + pathname,
    enableIncrementalDelivery: false,
  });
}

globalThis.MonacoEnvironment = {
  // bundle.mjs defines WORKERS: the file name of each worker by the language it serves.
  getWorker: (_id, language) => new Worker(new URL(WORKERS[language] ?? WORKERS.editor, import.meta.url)),
};

// GraphiQL asks for the editor once it is drawn. Asked for now, it arrives while GraphiQL is being drawn.
import("monaco-graphql/esm/monaco-editor.js");
import("monaco-graphql/esm/lite.js");

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    defaultTabs={exampleTabs()}
    fetcher={fetcherOf(window.location)}
    isHeadersEditorEnabled
    plugins={[HISTORY_PLUGIN, explorerPlugin()]}
  />,
);
