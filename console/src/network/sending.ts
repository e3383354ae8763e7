import { useRef, useState } from "react";
import { type AnyVariables, type TypedDocumentNode, useClient } from "urql";

import { explained, isPassing } from "./trouble";

interface Payload {
  userErrors: readonly { message: string }[];
}

export interface Sending<Variables> {
  isSending: boolean;
  /** What came of it, in a sentence: empty when it was done. */
  complaint: string;
  send: (variables: Variables) => Promise<boolean>;
}

/** A mutation and what came of it. `payload` finds its payload in the answer; it is over when `onSent` is, which shows what has changed. */
export function useSending<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  payload: (data: Data) => Payload,
  onSent: () => Promise<unknown>,
): Sending<Variables> {
  const client = useClient();
  const [isSending, setSending] = useState(false);
  const [complaint, setComplaint] = useState("");

  async function send(variables: Variables): Promise<boolean> {
    setSending(true);
    const { data, error } = await client.mutation(document, variables).toPromise();
    const faults = data ? payload(data).userErrors.map(({ message }) => message) : [];
    const said = error ? `${explained(error)}${isPassing(error) ? " Try again." : ""}` : faults.join(" ");
    setComplaint(said);
    await onSent();
    setSending(false);
    return said === "";
  }

  return { isSending, complaint, send };
}

/** A name of one intention: the same until it has been done, so that trying again does nothing twice. */
export function useIdempotencyKey(): { current: () => string; done: () => void } {
  const key = useRef<string | null>(null);
  return {
    current: () => (key.current ??= randomName()),
    done: () => {
      key.current = null;
    },
  };
}

function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
