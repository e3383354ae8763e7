import { useStore } from "@nanostores/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { type AnyVariables, type CombinedError, type TypedDocumentNode, useClient } from "urql";

import { session } from "../session/session";
import { isPassing } from "./trouble";

/** When a server that does not answer is asked again. */
const AGAIN = 3_000;

export interface Polled<Data> {
  /** The last that was answered, kept while the server is away. */
  data: Data | null;
  error: CombinedError | null;
  /** Ask now, and wait for the answer: false if none came. */
  refresh: () => Promise<boolean>;
  /** Change what is shown without asking. */
  change: (change: (data: Data) => Data) => void;
}

interface Answer<Data> {
  key: string;
  data: Data | null;
  error: CombinedError | null;
}

/** Asks again and again, one request at a time, while somebody is signed in and looks at the page. */
export function usePolled<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  milliseconds: number,
): Polled<Data> {
  const client = useClient();
  const key = JSON.stringify(variables);
  const [answer, setAnswer] = useState<Answer<Data>>({ key, data: null, error: null });
  const asked = useRef(0);
  const isIn = useStore(session).state === "in";

  const refresh = useCallback(async () => {
    const turn = ++asked.current;
    const { data, error } = await client.query(document, JSON.parse(key) as Variables).toPromise();
    if (turn === asked.current) setAnswer((last) => next(last, key, data, error));
    return !error || !isPassing(error);
  }, [client, document, key]);

  const change = useCallback((change: (data: Data) => Data) => {
    setAnswer((last) => (last.data === null ? last : { ...last, data: change(last.data) }));
  }, []);

  useEffect(() => (isIn ? repeat(refresh, milliseconds) : undefined), [isIn, refresh, milliseconds]);
  const isCurrent = answer.key === key;
  return { data: isCurrent ? answer.data : null, error: isCurrent ? answer.error : null, refresh, change };
}

function next<Data>(last: Answer<Data>, key: string, data?: Data, error?: CombinedError): Answer<Data> {
  const kept = last.key === key ? last.data : null;
  const isAway = error !== undefined && isPassing(error); // what is null then is not known to be nothing
  return { key, data: isAway ? (kept ?? data ?? null) : (data ?? kept), error: error ?? null };
}

/** Calls until it is stopped, sooner when no answer came; of a page that nobody sees, again when somebody does. */
function repeat(call: () => Promise<boolean>, milliseconds: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  async function turn(): Promise<void> {
    clearTimeout(timer);
    const isAnswered = document.hidden || (await call());
    clearTimeout(timer); // of a turn that began meanwhile
    if (!isStopped) timer = setTimeout(() => void turn(), isAnswered ? milliseconds : Math.min(milliseconds, AGAIN));
  }
  function shown(): void {
    if (!document.hidden) void turn();
  }
  document.addEventListener("visibilitychange", shown);
  addEventListener("online", shown);
  void turn();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", shown);
    removeEventListener("online", shown);
  };
}
