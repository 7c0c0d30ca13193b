/** A timer that can be paused, for example while a person answers a question. */
export class Countdown {
  #timer: NodeJS.Timeout | undefined;
  #leftMs = 0;
  #startedAt = 0;
  #pauses = 0;
  #onEnd: (() => void) | undefined;

  /** Starts or restarts the timer; if it is paused, the time starts on resume. Does not keep the process alive. */
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

  /** Must be called once per pause. */
  resume(): void {
    this.#pauses -= 1;
    this.#go();
  }

  /** Cancels the timer: `onEnd` is not called. */
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
