import { useStore } from "@nanostores/react";
import { atom } from "nanostores";
import { useLayoutEffect } from "react";

import type { SystemStatusQuery } from "../generated/graphql";

/** How far back the plots go, in milliseconds. */
export const SPAN = 5 * 60_000;

export interface Sample {
  at: number;
  queued: number;
  running: number;
  failed: number;
  oldest: number;
}

/** Outlives the page: who comes back finds what was seen before. */
const samples = atom<readonly Sample[]>([]);

type Queue = SystemStatusQuery["systemStatus"]["queue"];

export function sum(queue: Queue, count: (row: Queue[number]) => number): number {
  return queue.reduce((total, row) => total + count(row), 0);
}

function sampleOf({ systemStatus: { queue } }: SystemStatusQuery): Sample {
  return {
    at: Date.now(),
    queued: sum(queue, (row) => row.queued),
    running: sum(queue, (row) => row.running),
    failed: sum(queue, (row) => row.failed),
    oldest: Math.max(0, ...queue.map((row) => row.oldestAgeSeconds ?? 0)),
  };
}

/** Keeps what is answered, for as long as the plots go back. */
export function useSamples(data: SystemStatusQuery | null): readonly Sample[] {
  useLayoutEffect(() => {
    if (!data) return;
    const sample = sampleOf(data);
    samples.set([...samples.get().filter(({ at }) => at > sample.at - SPAN), sample]);
  }, [data]);
  return useStore(samples);
}
