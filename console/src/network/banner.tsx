import { useStore } from "@nanostores/react";

import { isLive, trouble } from "./trouble";

/** What is wrong between here and the server. It is always there, so that readers hear when it changes. */
export function Banner() {
  const said = useStore(trouble);
  return (
    <div className="banner" role="status" aria-live="polite" aria-label="Connection" data-wrong={said !== null || undefined}>
      {said}
    </div>
  );
}

/** Whether changes are told as they happen. */
export function Liveness() {
  const live = useStore(isLive);
  if (live === null) return null;
  return <span className={live ? "live" : "live away"}>{live ? "Live" : "Reconnecting…"}</span>;
}
