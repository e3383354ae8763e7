import { useStore } from "@nanostores/react";

import { session } from "../session/session";
import { isLive, trouble } from "./trouble";

/**
 * What is wrong between here and the server, while the page asks by itself; a form says it beside what was sent.
 * It is always there, so that readers hear when it changes.
 */
export function Banner() {
  const said = useStore(trouble);
  const { state } = useStore(session);
  const isWrong = said !== null && (state === "in" || state === "starting");
  return (
    <div className="banner" role="status" aria-live="polite" aria-label="Connection" data-wrong={isWrong || undefined}>
      {isWrong && said}
    </div>
  );
}

/** Whether changes are told as they happen. */
export function Liveness() {
  const live = useStore(isLive);
  if (live === null) return null;
  return <span className={live ? "live" : "live away"}>{live ? "Live" : "Reconnecting…"}</span>;
}
