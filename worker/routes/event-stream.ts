import type { ServerResponse } from 'node:http';

/** The response of one call as server-sent events. Streams cannot be resumed, so there are no event ids and no `retry`. */
export class EventStream {
  readonly #raw: ServerResponse;
  readonly #keepAlive: NodeJS.Timeout;

  /**
   * Sends the head.
   * @param headers - additional headers; the stream's own headers take precedence
   */
  constructor(raw: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.#raw = raw;
    raw.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      // Without it nginx holds events back until its buffer is full.
      'x-accel-buffering': 'no',
    });
    this.#keepAlive = setInterval(() => this.#write(': still working\n\n'), keepAliveMs);
  }

  /** Sends an optional message, such as progress. Dropped while the caller reads too slowly. */
  report(text: string): void {
    if (!this.#raw.writableNeedDrain) this.send(text);
  }

  /** Sends a message that must not be dropped. */
  send(text: string): void {
    this.#write(asEvent(text));
    this.#keepAlive.refresh();
  }

  /**
   * Sends the last message and ends the stream.
   * @param hangUp - also closes the connection, although the head has announced keep-alive
   */
  end(text: string, hangUp: boolean): void {
    clearInterval(this.#keepAlive);
    const { socket } = this.#raw;
    this.#raw.end(asEvent(text), () => {
      if (hangUp) socket?.end();
    });
  }

  /** Stops after the caller has disconnected. */
  abandon(): void {
    clearInterval(this.#keepAlive);
  }

  #write(text: string): void {
    if (!this.#raw.destroyed) this.#raw.write(text);
  }
}

/** Proxies close idle streams; 15 s is well below the timeouts of nginx and browsers. */
const keepAliveMs = 15_000;

/** A message as an event. JSON has no line breaks, so it fits into one `data` line. */
export function asEvent(text: string): string {
  return `event: message\ndata: ${text}\n\n`;
}
