import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from "react";

import { CONSOLE_PATH } from "../network/addresses";

export interface Place {
  /** The parts of the path below the console. */
  parts: string[];
  parameters: URLSearchParams;
}

const NAVIGATED = "console:navigated";

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  addEventListener(NAVIGATED, listener);
  return () => {
    removeEventListener("popstate", listener);
    removeEventListener(NAVIGATED, listener);
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // an address somebody typed: no such page
  }
}

export function usePlace(): Place {
  const href = useSyncExternalStore(subscribe, () => location.href);
  const { pathname, search } = new URL(href);
  const parts = pathname.slice(CONSOLE_PATH.length).split("/").filter(Boolean).map(decoded);
  return { parts, parameters: new URLSearchParams(search) };
}

/** The address of a place: parameters that are empty are left out. */
export function addressOf(parts: string[], parameters: Record<string, string | null | undefined> = {}): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(given).toString();
  return CONSOLE_PATH + parts.map(encodeURIComponent).join("/") + (search && `?${search}`);
}

export function go(address: string): void {
  history.pushState(null, "", address);
  dispatchEvent(new Event(NAVIGATED));
}

/** A link within the console: opens without loading the page anew, unless it is to open elsewhere. */
export function Link({ href, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  function follow(event: MouseEvent): void {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  }
  return <a href={href} onClick={follow} {...rest} />;
}
