import { atom } from "nanostores";

import type { SystemStatusQuery } from "../generated/graphql";
import { keep, recall } from "../network/storage";

/** How far back the plots go, in milliseconds. */
export const SPAN = 5 * 60_000;

const NAME = "postberry-console-samples-1";

export interface Sample {
  at: number;
  queued: number;
  running: number;
  failed: number;
  oldest: number;
}

/** What was seen, for as long as the plots go back; a reload keeps it. */
export const samples = atom<readonly Sample[]>(kept());

function kept(): Sample[] {
  try {
    return JSON.parse(recall("sessionStorage", NAME) ?? "[]") as Sample[];
  } catch {
    return []; // nothing of ours
  }
}

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

/** Those of the future go too: a clock was set back. */
export function take(data: SystemStatusQuery): void {
  const sample = sampleOf(data);
  const kept = samples.get().filter(({ at }) => at > sample.at - SPAN && at <= sample.at);
  samples.set([...kept, sample]);
  keep("sessionStorage", NAME, JSON.stringify(samples.get()));
}
