import type { JobWholeFragment } from "../generated/graphql";
import { LongText } from "../ui/long-text";
import { duration, Exact } from "../ui/time";

type Attempt = JobWholeFragment["attempts"][number];

/** The newest first. */
export function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  if (attempts.length === 0) return <p className="quiet">None yet.</p>;
  return (
    <ol className="attempts" aria-label="Attempts, the newest first">
      {attempts.toReversed().map((attempt) => (
        <li key={`${attempt.number} ${attempt.startedAt}`}>
          <Outcome attempt={attempt} />
        </li>
      ))}
    </ol>
  );
}

function Outcome({ attempt }: { attempt: Attempt }) {
  const { number, startedAt, finishedAt, error, detail, worker } = attempt;
  return (
    <>
      <p className="row">
        <strong>{number}.</strong>
        <Exact time={startedAt} />
        <span>{finishedAt ? `took ${elapsed(startedAt, finishedAt)}` : "has no end yet, or its worker died"}</span>
        {error ? <code className="error-code">{error}</code> : finishedAt && <span>succeeded</span>}
        {worker && <span className="quiet">by {worker}</span>}
      </p>
      {detail && <LongText text={detail} label={`What attempt ${number} says`} />}
    </>
  );
}

function elapsed(from: string, to: string): string {
  const milliseconds = Date.parse(to) - Date.parse(from);
  return milliseconds < 10_000 ? `${milliseconds.toLocaleString()} ms` : duration(milliseconds / 1_000);
}
