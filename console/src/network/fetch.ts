const PATIENCE = 15_000;

/** The browser's `fetch`, which gives up on a server that is silent. */
export function fetchInTime(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const tooLong = AbortSignal.timeout(PATIENCE);
  const signal = init.signal ? AbortSignal.any([init.signal, tooLong]) : tooLong;
  return fetch(input, { ...init, signal });
}
