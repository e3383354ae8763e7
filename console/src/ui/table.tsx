import type { ReactNode } from "react";

/** A table by its name. Where it is wider than the page it scrolls in a box, which has to be reached by keyboard. */
export function Table({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="scrolls" tabIndex={0} role="region" aria-label={name}>
      <table>
        <caption className="unseen">{name}</caption>
        {children}
      </table>
    </div>
  );
}
