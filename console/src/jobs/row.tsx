import { memo } from "react";
import { Link } from "wouter";

import type { JobRowFragment } from "../generated/graphql";
import { addressOf } from "../ui/address";
import { Badge, words } from "../ui/parts";
import { Ago } from "../ui/time";

export function nameOf({ kind }: Pick<JobRowFragment, "kind">): string {
  return kind ? words(kind) : "Of another version";
}

export const JobRow = memo(function JobRow({ job }: { job: JobRowFragment }) {
  return (
    <tr>
      <th scope="row">
        <Link href={addressOf(["jobs", job.id])}>{nameOf(job)}</Link>
      </th>
      <td>
        <Badge status={job.status} />
        <Progress job={job} />
      </td>
      <td className="text">{job.recipient || "–"}</td>
      <td>
        <Attempts job={job} />
      </td>
      <td>
        <Ago time={job.createdAt} />
      </td>
      <td>{job.due ? <Ago time={job.due} /> : "–"}</td>
      <td className="text">
        <Link href={addressOf(["jobs"], { requestId: job.requestId })} title="All jobs of this request">
          <code>{job.requestId}</code>
        </Link>
      </td>
    </tr>
  );
});

function Attempts({ job }: { job: JobRowFragment }) {
  const last = job.attempts.at(-1);
  return (
    <>
      {last?.number ?? 0}
      {last?.error && <span className="error-code"> {last.error}</span>}
    </>
  );
}

export function Progress({ job: { progress } }: { job: JobRowFragment }) {
  if (!progress) return null;
  const { done, total, word } = progress;
  return (
    <span className="progress">
      <progress max={Math.max(total, 1)} value={done} aria-label={word} />
      {word}: {done.toLocaleString()} of {total.toLocaleString()}
    </span>
  );
}
