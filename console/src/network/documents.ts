import { persistedExchange } from "@urql/exchange-persisted";
import type { TypedDocumentNode } from "urql";

/** The hash that the build wrote beside the document: on a page of plain HTTP a browser computes none. */
async function hashOf(_: string, document: TypedDocumentNode): Promise<string | undefined> {
  const { __meta__ } = document as { __meta__?: { hash?: string } };
  return __meta__?.hash?.replace(/^sha256:/, "");
}

/**
 * Sends the hashes of documents, and the text of one that the server does not know. One that knows the documents, by
 * its TRUSTED_DOCUMENTS, takes nothing but hashes.
 */
export const documentsExchange = persistedExchange({
  generateHash: hashOf,
  preferGetForPersistedQueries: false,
  enableForMutation: true,
  enableForSubscriptions: true,
});
