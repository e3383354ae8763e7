import { graphql } from "../generated";

graphql(`
  fragment JobRow on Job {
    id
    status
    kind
    recipient
    requestId
    createdAt
    due
    finishedAt
    progress { done total word }
    attempts { number error }
  }
`);

graphql(`
  fragment JobWhole on Job {
    ...JobRow
    attempts { startedAt finishedAt detail worker }
  }
`);

export const Jobs = graphql(`
  query Jobs($where: JobWhere, $first: Int, $after: String, $last: Int, $before: String) {
    jobs(where: $where, first: $first, after: $after, last: $last, before: $before) {
      nodes { ...JobRow }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const Job = graphql(`
  query Job($id: ID!) {
    job(id: $id) { ...JobWhole }
  }
`);

export const JobRowUpdated = graphql(`
  subscription JobRowUpdated($id: ID!) {
    jobUpdated(id: $id) { ...JobRow }
  }
`);

export const JobWholeUpdated = graphql(`
  subscription JobWholeUpdated($id: ID!) {
    jobUpdated(id: $id) { ...JobWhole }
  }
`);

export const JobRetry = graphql(`
  mutation JobRetry($id: ID!) {
    jobRetry(input: { id: $id }) { job { ...JobWhole } userErrors { message } }
  }
`);

export const JobCancel = graphql(`
  mutation JobCancel($id: ID!) {
    jobCancel(input: { id: $id }) { job { ...JobWhole } userErrors { message } }
  }
`);
