import { type Exchange, makeOperation, type Operation } from "urql";
import { filter, makeSubject, map, merge, pipe } from "wonka";

const UNKNOWN = new Set(["PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_NOT_SUPPORTED"]);

let sendsTexts = false;

function hashOf(operation: Operation): string | null {
  const { __meta__ } = operation.query as { __meta__?: { hash?: string } };
  return __meta__?.hash?.replace(/^sha256:/, "") ?? null;
}

/** Names the document by its hash, as servers want it that execute trusted documents alone. */
function named(operation: Operation): Operation {
  const sha256Hash = hashOf(operation);
  if (operation.kind === "teardown" || sendsTexts || sha256Hash === null) return operation;
  return { ...operation, extensions: { persistedQuery: { version: 1, sha256Hash } } };
}

function asText({ extensions: _, ...operation }: Operation): Operation {
  return makeOperation(operation.kind, operation, operation.context);
}

/**
 * Sends the hashes of documents, and the text of one that the server does not know. A server that took one is sent
 * texts from then on; one that knows the documents, by its TRUSTED_DOCUMENTS, takes nothing but hashes.
 *
 * `@urql/exchange-persisted` sends hash and text together, and the build's hash is of another text than urql prints.
 */
export const documentsExchange: Exchange = ({ forward }) => {
  const again = makeSubject<Operation>();
  return (operations) =>
    pipe(
      merge([pipe(operations, map(named)), again.source]),
      forward,
      filter(({ data, error, operation }) => {
        const isUnknown = error?.graphQLErrors.some(({ extensions }) => UNKNOWN.has(String(extensions.code)));
        if (isUnknown && operation.extensions) {
          again.next(asText(operation));
          return false;
        }
        if (data && !operation.extensions) sendsTexts = true;
        return true;
      }),
    );
};
