import { useStore } from "@nanostores/react";
import { Link } from "wouter";

import type { SystemStatusQuery } from "../generated/graphql";
import { addressOf } from "../ui/address";
import { Page } from "../ui/page";
import { Fault, Nothing, words } from "../ui/parts";
import { Table } from "../ui/table";
import { Ago, duration, Exact } from "../ui/time";
import { roundCount, roundDuration } from "./axis";
import { GAP, Plot } from "./plot";
import { type Sample, samples, SPAN } from "./samples";
import { status } from "./watch";

const count = (value: number) => value.toLocaleString();

type Status = SystemStatusQuery["systemStatus"];

export function SystemPage() {
  const polled = useStore(status);
  const { data, error } = polled;
  const seen = useStore(samples);
  return (
    <Page title="System">
      <Fault error={error} />
      <Since samples={seen} />
      <div className="plots">
        <Plot title="Queued jobs" samples={seen} value={(sample) => sample.queued} format={count} round={roundCount} />
        <Plot title="Age of the oldest queued job" samples={seen} value={(sample) => sample.oldest} format={duration} round={roundDuration} />
        <Plot title="Running jobs" samples={seen} value={(sample) => sample.running} format={count} round={roundCount} />
        <Plot title="Failed jobs" samples={seen} value={(sample) => sample.failed} format={count} round={roundCount} />
      </div>
      {data ? <Tables status={data.systemStatus} /> : <Nothing of={polled}>Nothing to show.</Nothing>}
    </Page>
  );
}

/** Nobody knows what was before somebody looked. */
function Since({ samples: [first, ...rest] }: { samples: readonly Sample[] }) {
  const last = rest.at(-1);
  if (!first || (last && last.at - first.at > SPAN - 2 * GAP)) return null;
  return (
    <p className="quiet">
      Watched since <Exact time={new Date(first.at).toISOString()} />.
    </p>
  );
}

function Tables({ status }: { status: Status }) {
  return (
    <>
      <h2>Queue</h2>
      {status.queue.length > 0 ? <Queue queue={status.queue} /> : <p className="quiet">Nothing waits, runs or has failed.</p>}
      <h2>Workers</h2>
      {status.workers.length > 0 ? (
        <Workers workers={status.workers} />
      ) : (
        <p className="fault">No worker lives: jobs wait until one does.</p>
      )}
    </>
  );
}

function Queue({ queue }: { queue: Status["queue"] }) {
  return (
    <Table name="Jobs that are not done, by kind" columns={{ Kind: "", Queued: "", Running: "", Failed: "", "Oldest queued": "" }}>
      <tbody>
        {queue.map(({ kind, queued, running, failed, oldestAgeSeconds }) => (
          <tr key={kind ?? ""}>
            <th scope="row">{kind ? words(kind) : "Of another version"}</th>
            <td>{count(queued)}</td>
            <td>{count(running)}</td>
            <td>
              <Failed kind={kind} failed={failed} />
            </td>
            <td>{oldestAgeSeconds == null ? "–" : duration(oldestAgeSeconds)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Failed({ kind, failed }: Pick<Status["queue"][number], "kind" | "failed">) {
  if (failed === 0 || !kind) return count(failed);
  return <Link href={addressOf(["jobs"], { status: "FAILED", kind })}>{count(failed)}</Link>;
}

function Workers({ workers }: { workers: Status["workers"] }) {
  return (
    <Table name="Workers that live" columns={{ Worker: "", Host: "", Running: "", Started: "", "Last seen": "" }}>
      <tbody>
        {workers.map(({ id, host, running, concurrency, startedAt, lastSeen }) => (
          <tr key={id}>
            <th scope="row">
              <code>{id}</code>
            </th>
            <td className="text">{host}</td>
            <td>
              {running} of {concurrency}
            </td>
            <td>
              <Ago time={startedAt} />
            </td>
            <td>
              <Ago time={lastSeen} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
