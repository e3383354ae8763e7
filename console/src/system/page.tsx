import { Link } from "wouter";

import type { SystemStatusQuery } from "../generated/graphql";
import { usePolled } from "../network/polling";
import { addressOf } from "../ui/address";
import { Page } from "../ui/page";
import { Fault, Nothing, words } from "../ui/parts";
import { Ago, duration } from "../ui/time";
import { SystemStatus } from "./operations";
import { Plot } from "./plot";
import { useSamples } from "./samples";

const EVERY = 2_000;
const count = (value: number) => value.toLocaleString();

type Status = SystemStatusQuery["systemStatus"];

export function SystemPage() {
  const polled = usePolled(SystemStatus, {}, EVERY);
  const { data, error } = polled;
  const samples = useSamples(data);
  return (
    <Page title="System">
      <Fault error={error} />
      <div className="plots">
        <Plot title="Queued jobs" samples={samples} value={(sample) => sample.queued} format={count} />
        <Plot title="Age of the oldest queued job" samples={samples} value={(sample) => sample.oldest} format={duration} />
        <Plot title="Running jobs" samples={samples} value={(sample) => sample.running} format={count} />
        <Plot title="Failed jobs" samples={samples} value={(sample) => sample.failed} format={count} />
      </div>
      {data ? <Tables status={data.systemStatus} /> : <Nothing of={polled}>Nothing to show.</Nothing>}
    </Page>
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

function Head({ names }: { names: readonly string[] }) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Queue({ queue }: { queue: Status["queue"] }) {
  return (
    <div className="scrolls">
      <table>
        <caption className="unseen">Jobs that are not done, by kind</caption>
        <Head names={["Kind", "Queued", "Running", "Failed", "Oldest queued"]} />
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
      </table>
    </div>
  );
}

function Failed({ kind, failed }: Pick<Status["queue"][number], "kind" | "failed">) {
  if (failed === 0 || !kind) return count(failed);
  return <Link href={addressOf(["jobs"], { status: "FAILED", kind })}>{count(failed)}</Link>;
}

function Workers({ workers }: { workers: Status["workers"] }) {
  return (
    <div className="scrolls">
      <table>
        <caption className="unseen">Workers that live</caption>
        <Head names={["Worker", "Host", "Running", "Started", "Last seen"]} />
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
      </table>
    </div>
  );
}
