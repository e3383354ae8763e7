import { useMemo } from "react";
import { useSearch } from "wouter/use-browser-location";

/** An address below the console: parameters that are empty are left out. */
export function addressOf(parts: string[], parameters: Record<string, string | null | undefined> = {}): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(given).toString();
  return `/${parts.map(encodeURIComponent).join("/")}${search && `?${search}`}`;
}

/** What stands behind the address. The hooks of `wouter` itself decode it twice: of "50%25" they would leave "50%". */
export function useParameters(): URLSearchParams {
  const search = useSearch();
  return useMemo(() => new URLSearchParams(search), [search]);
}
