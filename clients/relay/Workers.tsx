import { graphql, useLazyLoadQuery } from "react-relay";
import type { WorkersQuery } from "./generated/WorkersQuery.graphql";

/** Those who have an `id` that is no Node's. */
export function Workers() {
  const { systemStatus } = useLazyLoadQuery<WorkersQuery>(
    graphql`
      query WorkersQuery {
        systemStatus {
          workers {
            id
            host
            running
          }
        }
      }
    `,
    {},
  );
  return systemStatus.workers.map((worker) => <p key={worker.id}>{worker.host}</p>);
}
