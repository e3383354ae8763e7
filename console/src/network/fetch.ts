const PATIENCE = 15_000;

/** The browser's `fetch`, which gives up on a server that is silent; one that goes on answering may take its time. */
export async function fetchInTime(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const silence = new AbortController();
  const wait = () => setTimeout(() => silence.abort(new DOMException("The server is silent.", "TimeoutError")), PATIENCE);
  let timer = wait();
  const signal = init.signal ? AbortSignal.any([init.signal, silence.signal]) : silence.signal;
  const pieces = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, rest) {
      clearTimeout(timer);
      timer = wait();
      rest.enqueue(piece);
    },
    flush: () => clearTimeout(timer),
  });
  try {
    const response = await fetch(input, { ...init, signal });
    if (response.body) return new Response(response.body.pipeThrough(pieces), response);
    clearTimeout(timer);
    return response;
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
}
