import { atom } from "nanostores";
import { useLayoutEffect } from "react";
import { useLocation } from "wouter";

import type { SystemStatusQuery } from "../generated/graphql";
import { type Polled, usePolled } from "../network/polling";
import { SystemStatus } from "./operations";
import { take } from "./samples";

const EVERY = 5_000;
const EVERY_WHEN_SHOWN = 2_000;
const SHOWN = /^\/(jobs|system)?$/;

type Status = Pick<Polled<SystemStatusQuery>, "data" | "error">;

/** How the system is, whatever page is shown. */
export const status = atom<Status>({ data: null, error: null });

/** Asks while any page is open, so that the plots know what was before somebody looked at them. */
export function Watch() {
  const [path] = useLocation();
  const { data, error } = usePolled(SystemStatus, {}, SHOWN.test(path) ? EVERY_WHEN_SHOWN : EVERY);
  useLayoutEffect(() => status.set({ data, error }), [data, error]);
  useLayoutEffect(() => {
    if (data) take(data);
  }, [data]);
  return null;
}
