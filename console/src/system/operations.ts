import { graphql } from "../generated";

export const SystemStatus = graphql(`
  query SystemStatus {
    systemStatus {
      workers { id host startedAt lastSeen running concurrency }
      queue { kind queued running failed oldestAgeSeconds }
    }
  }
`);
