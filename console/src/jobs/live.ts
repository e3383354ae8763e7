import { useEffect, useState } from "react";
import { type TypedDocumentNode, useClient } from "urql";

import type { JobRowFragment } from "../generated/graphql";

/** How many subscriptions a list has at once: a socket takes ten, and a job that is opened needs one too. */
const MOST = 8;
const AGAIN = 5_000;

export function isFinal({ status }: Pick<JobRowFragment, "status">): boolean {
  return status !== "QUEUED" && status !== "RUNNING";
}

/** The jobs of a list that are followed: those that run first, for they change soonest. */
export function followed(jobs: readonly JobRowFragment[]): string[] {
  const open = jobs.filter((job) => !isFinal(job));
  const running = open.filter(({ status }) => status === "RUNNING");
  const queued = open.filter(({ status }) => status === "QUEUED");
  return [...running, ...queued].slice(0, MOST).map(({ id }) => id);
}

/** Tells of each change of a job; what the server refused is tried again. */
export function useUpdates<Data>(
  document: TypedDocumentNode<Data, { id: string }>,
  id: string | null,
  onData: (data: Data) => void,
): void {
  const client = useClient();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (id === null) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const { unsubscribe } = client.subscription(document, { id }).subscribe(({ data, error }) => {
      if (data) onData(data);
      if (error) timer = setTimeout(() => setTries(tries + 1), AGAIN);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [client, document, id, onData, tries]);
}
