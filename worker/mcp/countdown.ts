/** A time that runs out, and stands still while somebody is waited for. */
export class Countdown {
  #timer: NodeJS.Timeout | undefined;
  #leftMs = 0;
  #startedAt = 0;
  #pauses = 0;
  #onEnd: (() => void) | undefined;

  /** Begins anew, or as soon as nobody is waited for. Keeps no process alive. */
  start(timeMs: number, onEnd: () => void): void {
    clearTimeout(this.#timer);
    this.#leftMs = timeMs;
    this.#onEnd = onEnd;
    this.#go();
  }

  pause(): void {
    this.#pauses += 1;
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#leftMs -= performance.now() - this.#startedAt;
  }

  /** To be called once for each pause. */
  resume(): void {
    this.#pauses -= 1;
    this.#go();
  }

  /** For good: nothing is called any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#onEnd = undefined;
  }

  #go(): void {
    if (this.#pauses > 0 || this.#onEnd === undefined) return;
    this.#startedAt = performance.now();
    this.#timer = setTimeout(this.#onEnd, this.#leftMs).unref();
  }
}
