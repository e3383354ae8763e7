import type { ReactNode } from "react";
import type { CombinedError } from "urql";
import { Link } from "wouter";

import type { Polled } from "../network/polling";
import { explained, isOfSession, isPassing } from "../network/trouble";

/** WORDS_LIKE_THESE as people write them. */
export function words(code: string): string {
  const text = code.toLowerCase().replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function Badge({ status }: { status: string }) {
  return <span className={`badge ${status.toLowerCase()}`}>{words(status)}</span>;
}

/** What is wrong with what was asked for. What will pass is in the banner, and who is not signed in is asked to. */
export function Fault({ error }: { error: CombinedError | null }) {
  if (!error || isPassing(error) || isOfSession(error)) return null;
  return (
    <p className="fault" role="alert">
      {explained(error)}
    </p>
  );
}

/** Of what an address asks for and there is none of: it is left out, and all are shown. */
export function Unknown({ name, value, known }: { name: string; value: string | null | undefined; known: readonly string[] }) {
  if (!value || known.includes(value)) return null;
  return <p className="fault" role="alert">{`There is no ${name} ${value}: all are shown.`}</p>;
}

export function Complaint({ children }: { children: string }) {
  return (
    <p className="fault" role="alert" hidden={!children}>
      {children}
    </p>
  );
}

/** What is said where nothing is to be shown: only an answer without a fault tells that there is nothing. */
export function Nothing({ of: { data, error }, children }: { of: Pick<Polled<unknown>, "data" | "error">; children: ReactNode }) {
  if (error && !isPassing(error)) return null;
  return <p className="quiet">{error || data === null ? "Loading…" : children}</p>;
}

/** Links to the pages of a list; those that there are not are left out. */
export function Pager({ label, links }: { label: string; links: Record<string, string | null> }) {
  const there = Object.entries(links).filter((entry): entry is [string, string] => entry[1] !== null);
  if (there.length === 0) return null;
  return (
    <nav className="pager" aria-label={label}>
      {there.map(([name, href]) => (
        <Link key={name} href={href}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

/** A choice of codes, each as people write it; `any` says what none of them means. */
export function choices(any: string, codes: readonly string[]): Record<string, string> {
  return { "": any, ...Object.fromEntries(codes.map((code) => [code, words(code)])) };
}
