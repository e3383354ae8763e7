import type { ReactNode } from "react";

interface TableProps {
  name: string;
  /** What each column is called, and whether it is of figures. */
  columns: Record<string, "figure" | "">;
  children: ReactNode;
}

/** A table by its name. Where it is wider than the page it scrolls in a box, which has to be reached by keyboard. */
export function Table({ name, columns, children }: TableProps) {
  return (
    <div className="scrolls" tabIndex={0} role="region" aria-label={name}>
      <table>
        <caption className="unseen">{name}</caption>
        <thead>
          <tr>
            {Object.entries(columns).map(([column, kind]) => (
              <th key={column} scope="col" className={kind || undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        {children}
      </table>
    </div>
  );
}
