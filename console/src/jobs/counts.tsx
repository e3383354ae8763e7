import { useStore } from "@nanostores/react";
import { Link } from "wouter";

import type { SystemStatusQuery } from "../generated/graphql";
import { sum } from "../system/samples";
import { status } from "../system/watch";
import { addressOf } from "../ui/address";
import type { Filter } from "./filters";

type Count = (row: SystemStatusQuery["systemStatus"]["queue"][number]) => number;

const COUNTS: Record<string, [status: string, count: Count]> = {
  Queued: ["QUEUED", (row) => row.queued],
  Running: ["RUNNING", (row) => row.running],
  Failed: ["FAILED", (row) => row.failed],
};

/** How many jobs there are in all of each status that asks for somebody; each leads to them. */
export function Counts({ filter }: { filter: Filter }) {
  const { data } = useStore(status);
  if (!data) return null;
  const { queue } = data.systemStatus;
  return (
    <nav className="row counts" aria-label="How many jobs">
      {Object.entries(COUNTS).map(([name, [status, count]]) => (
        <Link key={name} href={addressOf(["jobs"], { status })} aria-current={filter.status === status || undefined}>
          {name} {sum(queue, count).toLocaleString()}
        </Link>
      ))}
    </nav>
  );
}
