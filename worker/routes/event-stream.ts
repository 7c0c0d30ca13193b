import type { ServerResponse } from 'node:http';

/** One call's response as server-sent events. No event identifiers and no `retry`: a stream cannot be resumed. */
export class EventStream {
  readonly #raw: ServerResponse;
  readonly #silence: NodeJS.Timeout;

  /**
   * Sends the head.
   * @param headers - what else the head carries; the stream's own headers win
   */
  constructor(raw: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.#raw = raw;
    raw.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      // nginx would otherwise keep the events until its buffer is full.
      'x-accel-buffering': 'no',
    });
    this.#silence = setInterval(() => this.#write(': still working\n\n'), silenceMs);
  }

  /** Sends one message that is not the last. Dropped while the caller is slower than the tool. */
  report(text: string): void {
    if (!this.#raw.writableNeedDrain) this.send(text);
  }

  /** Sends one message that must not be lost. */
  send(text: string): void {
    this.#write(asEvent(text));
    this.#silence.refresh();
  }

  /**
   * Sends the last message and ends the stream.
   * @param hangUp - closes the connection too, although the head has promised to keep it
   */
  end(text: string, hangUp: boolean): void {
    clearInterval(this.#silence);
    const { socket } = this.#raw;
    this.#raw.end(asEvent(text), () => {
      if (hangUp) socket?.end();
    });
  }

  /** Stops after the caller has gone. */
  abandon(): void {
    clearInterval(this.#silence);
  }

  #write(text: string): void {
    if (!this.#raw.destroyed) this.#raw.write(text);
  }
}

/** Proxies close silent streams; 15 s is well below the timeouts of nginx and browsers. */
const silenceMs = 15_000;

/** A message as an event. JSON text has no line breaks, so one `data` line holds it. */
export function asEvent(text: string): string {
  return `event: message\ndata: ${text}\n\n`;
}
