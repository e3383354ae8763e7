type Store = "localStorage" | "sessionStorage";

/** What the browser keeps by this name. Where it is told to keep nothing of a site, it throws: then nothing is kept. */
export function recall(store: Store, name: string): string | null {
  try {
    return window[store].getItem(name);
  } catch {
    return null;
  }
}

/** Keeps a text by this name, as well as it can; null: no more. */
export function keep(store: Store, name: string, text: string | null): void {
  try {
    if (text === null) window[store].removeItem(name);
    else window[store].setItem(name, text);
  } catch {
    // Refused, or full: what is kept makes things quicker, and nothing depends on it.
  }
}
