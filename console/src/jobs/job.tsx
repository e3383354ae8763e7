import { useCallback } from "react";
import { Link } from "wouter";

import type { JobWholeFragment } from "../generated/graphql";
import { MAILBOX_PATH } from "../network/addresses";
import { usePolled } from "../network/polling";
import { useSending } from "../network/sending";
import { Action } from "../ui/action";
import { addressOf } from "../ui/address";
import { Page } from "../ui/page";
import { Badge, Complaint, Fault, Nothing } from "../ui/parts";
import { Ago, Exact } from "../ui/time";
import { Attempts } from "./attempts";
import { isFinal, useUpdates } from "./live";
import { Job, JobCancel, JobRetry, JobWholeUpdated } from "./operations";
import { nameOf, Progress } from "./row";

const EVERY = 30_000;

export function JobPage({ id }: { id: string }) {
  const polled = usePolled(Job, { id }, EVERY);
  const { data, error, change, refresh } = polled;
  const job = data?.job;
  const take = useCallback(({ jobUpdated }: { jobUpdated: JobWholeFragment }) => change(() => ({ job: jobUpdated })), [change]);
  useUpdates(JobWholeUpdated, job && !isFinal(job) ? id : null, take);
  return (
    <Page title={job ? nameOf(job) : "Job"}>
      <Fault error={error} />
      {job ? <Whole job={job} onChange={refresh} /> : <Nothing of={polled}>There is no such job.</Nothing>}
    </Page>
  );
}

function Whole({ job, onChange }: { job: JobWholeFragment; onChange: () => Promise<unknown> }) {
  return (
    <>
      <p className="row" aria-live="polite">
        <Badge status={job.status} />
        <Progress job={job} />
      </p>
      <Facts job={job} />
      <Actions key={job.status} job={job} onChange={onChange} />
      <h2>Attempts</h2>
      <Attempts attempts={job.attempts} />
    </>
  );
}

function Facts({ job }: { job: JobWholeFragment }) {
  return (
    <dl className="facts">
      <dt>Recipient</dt>
      <dd>{job.recipient ? <Link href={addressOf(["jobs"], { recipient: job.recipient })}>{job.recipient}</Link> : "Nobody"}</dd>
      <dt>Request</dt>
      <dd>
        <Link href={addressOf(["jobs"], { requestId: job.requestId })}>
          <code>{job.requestId}</code>
        </Link>
      </dd>
      <dt>Created</dt>
      <dd>
        <Exact time={job.createdAt} /> (<Ago time={job.createdAt} />)
      </dd>
      <dt>{job.finishedAt ? "Over" : "Due"}</dt>
      <dd>
        <When time={job.finishedAt ?? job.due} />
      </dd>
      <dt>Id</dt>
      <dd>
        <code>{job.id}</code>
      </dd>
    </dl>
  );
}

function When({ time }: { time: string | null | undefined }) {
  if (!time) return "–";
  return (
    <>
      <Exact time={time} /> (<Ago time={time} />)
    </>
  );
}

function Actions({ job, onChange }: { job: JobWholeFragment; onChange: () => Promise<unknown> }) {
  const retry = useSending(JobRetry, (data) => data.jobRetry, onChange);
  const cancel = useSending(JobCancel, (data) => data.jobCancel, onChange);
  const act = async ({ send }: typeof retry) => void (await send({ id: job.id }));
  return (
    <>
      <p className="row">
        {(job.status === "FAILED" || job.status === "CANCELLED") && (
          <Action isBusy={retry.isSending} onAct={() => act(retry)}>
            Retry
          </Action>
        )}
        {job.status === "QUEUED" && (
          <Action isBusy={cancel.isSending} onAct={() => act(cancel)}>
            Cancel job
          </Action>
        )}
        <AsReceived job={job} />
      </p>
      <Complaint>{retry.complaint || cancel.complaint}</Complaint>
    </>
  );
}

/** In development, the letters of the request as they arrived. */
function AsReceived({ job }: { job: JobWholeFragment }) {
  if (!MAILBOX_PATH || !job.recipient || job.status !== "SUCCEEDED") return null;
  return (
    <a href={`${MAILBOX_PATH}?requestId=${encodeURIComponent(job.requestId)}`} target="_blank" rel="noreferrer">
      The letter as received
    </a>
  );
}
