import type { TypedDocumentString } from "./generated/graphql.js";

/** The data of an operation, typed as the operation is; an error where the server answers one. */
export async function execute<Data, Variables>(
  url: string,
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  token?: string,
): Promise<Data> {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const body = JSON.stringify({ query: document.toString(), variables });
  const response = await fetch(url, { method: "POST", headers, body });
  const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
  if (errors) throw new Error(errors.map((error) => error.message).join("\n"));
  return data;
}
