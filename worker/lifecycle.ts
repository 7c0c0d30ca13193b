/** Where the process is in its life. One object, read by the routes and the probes, moved on by the edge. */
export class Lifecycle {
  #state: 'starting' | 'ready' | 'draining' = 'starting';

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** True from the signal to stop on: calls are still served, and every answer ends its connection. */
  get isDraining(): boolean {
    return this.#state === 'draining';
  }

  ready(): void {
    if (this.#state === 'starting') this.#state = 'ready';
  }

  drain(): void {
    this.#state = 'draining';
  }
}
