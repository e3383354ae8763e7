import type { MouseEvent, SyntheticEvent } from "react";
import { useLocation } from "wouter";

import { JobKind, JobStatus, type JobWhere } from "../generated/graphql";
import { addressOf } from "../ui/address";
import { Choice, Field } from "../ui/field";
import { choices } from "../ui/parts";

const NAMES = ["status", "kind", "requestId", "recipient"] as const;
export const STATUSES = Object.values(JobStatus);
export const KINDS = Object.values(JobKind);

export type Filter = Partial<Record<(typeof NAMES)[number], string>>;

/** What an address asks for. */
export function filterOf(parameters: URLSearchParams): Filter {
  const given = NAMES.map((name) => [name, parameters.get(name)?.trim()] as const).filter(([, value]) => value);
  return Object.fromEntries(given);
}

export function whereOf({ status, kind, requestId, recipient }: Filter): JobWhere {
  const knownStatus = STATUSES.find((each) => each === status);
  const knownKind = KINDS.find((each) => each === kind);
  return {
    ...(knownStatus && { status: knownStatus }),
    ...(knownKind && { kind: knownKind }),
    ...(requestId && { requestId }),
    ...(recipient && { recipient }),
  };
}

export function Filters({ filter }: { filter: Filter }) {
  const [, go] = useLocation();

  function show(change: Filter): void {
    go(addressOf(["jobs"], { ...filter, ...change }));
  }

  function submit(event: SyntheticEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    show({ requestId: String(form.get("requestId")).trim(), recipient: String(form.get("recipient")).trim() });
  }

  function clear({ currentTarget: { form } }: MouseEvent<HTMLButtonElement>): void {
    form?.reset();
    go(addressOf(["jobs"]));
  }

  return (
    <form className="filters" role="search" aria-label="Filter jobs" onSubmit={submit}>
      <Choice
        label="Status"
        name="status"
        value={filter.status ?? ""}
        options={choices("Any status", STATUSES)}
        onChange={(status) => show({ status })}
      />
      <Choice
        label="Kind"
        name="kind"
        value={filter.kind ?? ""}
        options={choices("Any kind", KINDS)}
        onChange={(kind) => show({ kind })}
      />
      <Text label="Recipient" name="recipient" value={filter.recipient} />
      <Text label="Request id" name="requestId" value={filter.requestId} />
      <button type="submit">Filter</button>
      <button type="button" className="plain" onClick={clear}>
        Clear
      </button>
    </form>
  );
}

function Text({ value = "", ...field }: { label: string; name: string; value: string | undefined }) {
  return <Field key={value} defaultValue={value} autoComplete="off" spellCheck={false} maxLength={320} {...field} />;
}
