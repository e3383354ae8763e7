import { memo, useCallback, useEffect, useRef, useState } from "react";

import type { JobRowFragment, JobsQuery } from "../generated/graphql";
import { usePolled } from "../network/polling";
import { addressOf, useParameters } from "../ui/address";
import { Page } from "../ui/page";
import { Fault, Nothing, Pager, Unknown } from "../ui/parts";
import { Table } from "../ui/table";
import { Counts } from "./counts";
import { type Filter, Filters, filterOf, KINDS, STATUSES, whereOf } from "./filters";
import { followed, useUpdates } from "./live";
import { Jobs, JobRowUpdated } from "./operations";
import { JobRow } from "./row";

const EVERY = 3_000;
const PAGE = 20;

export function JobList() {
  const parameters = useParameters();
  const filter = filterOf(parameters);
  const variables = { where: whereOf(filter), ...pageOf(parameters) };
  const polled = usePolled(Jobs, variables, EVERY);
  const { data, error, change } = polled;
  const put = useCallback((job: JobRowFragment) => change((data) => replaced(data, job)), [change]);
  const jobs = data?.jobs.nodes ?? [];

  return (
    <Page title="Jobs">
      <Filters filter={filter} />
      <Counts filter={filter} />
      <Unknown name="status" value={filter.status} known={STATUSES} />
      <Unknown name="kind" value={filter.kind} known={KINDS} />
      <Fault error={error} />
      {followed(jobs).map((id) => (
        <Follower key={id} id={id} onJob={put} />
      ))}
      <News key={JSON.stringify(variables)} jobs={jobs} isLoading={data === null} />
      {jobs.length > 0 ? <Rows jobs={jobs} /> : <Nothing of={polled}>No jobs like this.</Nothing>}
      <Pages data={data} filter={filter} isFirst={!variables.after && !variables.before} />
    </Page>
  );
}

function pageOf(parameters: URLSearchParams) {
  const before = parameters.get("before");
  return before ? { last: PAGE, before } : { first: PAGE, after: parameters.get("after") };
}

function replaced(data: JobsQuery, job: JobRowFragment): JobsQuery {
  const nodes = data.jobs.nodes.map((each) => (each.id === job.id ? job : each));
  return { ...data, jobs: { ...data.jobs, nodes } };
}

function Follower({ id, onJob }: { id: string; onJob: (job: JobRowFragment) => void }) {
  const take = useCallback(({ jobUpdated }: { jobUpdated: JobRowFragment }) => onJob(jobUpdated), [onJob]);
  useUpdates(JobRowUpdated, id, take);
  return null;
}

/** Says what has come since the page was opened, for those who do not see it. */
function News({ jobs, isLoading }: { jobs: readonly JobRowFragment[]; isLoading: boolean }) {
  const known = useRef<Set<string> | null>(null);
  const [news, setNews] = useState("");
  useEffect(() => {
    if (isLoading) return;
    const fresh = known.current ? jobs.filter(({ id }) => !known.current?.has(id)) : [];
    known.current = new Set([...(known.current ?? []), ...jobs.map(({ id }) => id)].slice(-1_000));
    if (fresh.length > 0) setNews(fresh.length === 1 ? "A new job." : `${fresh.length} new jobs.`);
  }, [jobs, isLoading]);
  return (
    <p role="status" className="unseen">
      {news}
    </p>
  );
}

const Rows = memo(function Rows({ jobs }: { jobs: readonly JobRowFragment[] }) {
  return (
    <Table name="Jobs, the newest first" columns={{ Kind: "", Status: "", Recipient: "", Attempts: "", Created: "", Due: "", Request: "" }}>
      <tbody>
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </tbody>
    </Table>
  );
});

function Pages({ data, filter, isFirst }: { data: JobsQuery | null; filter: Filter; isFirst: boolean }) {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = data?.jobs.pageInfo ?? {};
  const to = (cursor: Record<string, string | null | undefined>) => addressOf(["jobs"], { ...filter, ...cursor });
  const links = {
    Newest: isFirst ? null : to({}),
    Newer: !isFirst && hasPreviousPage ? to({ before: startCursor }) : null,
    Older: hasNextPage ? to({ after: endCursor }) : null,
  };
  return <Pager label="Pages of jobs" links={links} />;
}
