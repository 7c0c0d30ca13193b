import type { z } from 'zod';
import { contract } from '../contract';
import { type Ask, answersOf, askNobody } from './asking';
import { type Clock, type FetchInit, fetchWithin, realClock, type TraceFetch } from './fetch';
import type { Answers } from './form';
import { type Lookup, lookup } from './lookup';
import { hiding, type Log, type Said, saidOf } from './said';
import { ToolError } from './tool-errors';

export type { Lookup } from './lookup';

/** What a tool may know of its call: the only source of anything but its input. */
export interface ToolContext {
  /** Who calls. From the engine: as sent. From MCP: the subject of a verified access token, or what the server is set to. */
  readonly userId: string | null;
  /** The OAuth token the tool requires. Empty text when the caller sent none. */
  readonly token: string;
  readonly secrets: Lookup;
  readonly metadata: Lookup;
  /** Reports progress; `total` may be unknown. Goes nowhere when the engine calls. */
  progress(done: number, total?: number, message?: string): void;
  /**
   * Aborted when the tool's time is up, and when the caller is known to wait no longer for the result. An engine never tells.
   * MCP clients do by `notifications/cancelled` over stdio, and over HTTP with the token or the session identifier of the
   * call; by hanging up only in 2026-07-28, for before a broken connection is no cancellation. Hand it to `fetch`.
   */
  readonly signal: AbortSignal;
  /**
   * Asks the person who calls, such as `await context.ask({ email: z.email() }, 'Where shall it go?')`, and gives what was
   * filled in. Clients of 2026-07-28 call again with the answer, and the tool runs again **from its start**: ask before
   * anything is changed, and ask the same of the same input. A tool that asks only whether to go on says `confirm` instead.
   * The tool declares `asks: true`.
   * @param answers texts, numbers, booleans, choices and lists of choices, each with a description
   * @throws NotAnsweredError when the person says no or cannot be asked, as over the engine
   */
  ask<Shape extends z.ZodRawShape>(answers: Answers<Shape>, message: string): Promise<z.output<z.ZodObject<Shape>>>;
  /**
   * Writes a line of the worker's log: a message, and before it a level, after it fields. Where the tool says `logs`, clients that
   * ask for it hear of it too. The secrets and the token of the call are not in it.
   */
  readonly log: Log;
  /**
   * `fetch` that ends with the call, tries reads again, throws what a service refuses as the error for it, and bounds what is
   * read. May be handed to a client library, with `answers: 'all'` if that looks at the status itself.
   * @throws UpstreamError, UpstreamRateLimitError, NetworkTransportError
   */
  fetch(input: string | URL | Request, init?: FetchInit): Promise<Response>;
}

/** How a call reaches beyond its tool. */
export interface Reach {
  readonly ask: Ask;
  /** Whether the run has ended with a question that goes out with the result. @default - it never does */
  readonly isPaused?: boolean;
  log(said: Said): void;
  /** @default - no spans */
  readonly trace?: TraceFetch | undefined;
}

/** What a route knows of a call. What is left out is empty, and progress goes nowhere. */
export interface CallDetails {
  /** A function is called when a tool asks, each time it asks. */
  readonly userId?: string | null | undefined | (() => string);
  readonly token?: string | null | undefined;
  readonly secrets?: Lookup['entries'] | null | undefined;
  readonly metadata?: Lookup['entries'] | null | undefined;
  readonly progress?: ToolContext['progress'];
  /** A function is called when somebody asks for the signal: making one costs as much as reading the inputs. */
  readonly signal?: AbortSignal | (() => AbortSignal);
  /** Called when a tool first asks, logs or fetches. @default - nobody can be asked, and nobody hears */
  readonly reach?: (() => Reach) | undefined;
  /** When the call began, as its clock has it. @default - when the tool first fetches */
  readonly startedAt?: number | undefined;
  /** How long it may take. @default - the contract's */
  readonly timeoutSeconds?: number | undefined;
  /** @default - the real one, whose `now` is that of `performance` */
  readonly clock?: Clock;
  /** Sends the requests of the tool. @default - the `fetch` that is global at the time */
  readonly send?: (request: Request) => Promise<Response>;
}

/** Makes the context of one call. Cheap: nothing is copied, and the signal is made when a tool asks for it. */
export class CallContext implements ToolContext {
  readonly #details: CallDetails;
  #reach: Reach | undefined;
  #startedAt: number | undefined;
  /** How long a person was waited for; while one is, less the moment that it began. */
  #askedMs = 0;
  #asking = 0;
  #mayAsk = true;
  #controller: AbortController | undefined;

  constructor(details: CallDetails) {
    this.#details = details;
  }

  get userId(): string | null {
    const { userId } = this.#details;
    return (typeof userId === 'function' ? userId() : userId) ?? null;
  }

  get token(): string {
    return this.#details.token ?? '';
  }

  get secrets(): Lookup {
    return lookup('secret', this.#details.secrets ?? []);
  }

  get metadata(): Lookup {
    return lookup('metadata', this.#details.metadata ?? []);
  }

  get signal(): AbortSignal {
    return this.#abortable().signal;
  }

  get progress(): ToolContext['progress'] {
    return this.#details.progress ?? toNobody;
  }

  get log(): Log {
    return (...given: readonly unknown[]) => this.reach.log(saidOf(given, hiding(this.#hidden())));
  }

  get ask(): ToolContext['ask'] {
    if (!this.#mayAsk) return undeclared;
    return (answers, message) => {
      const answered = this.#untimed(() => answersOf(this.reach.ask, answers, message));
      // A paused run ends with its questions, whatever becomes of this promise: also one that nobody awaits.
      if (this.reach.isPaused) answered.catch(() => undefined);
      return answered;
    };
  }

  get fetch(): ToolContext['fetch'] {
    const { clock = realClock, timeoutSeconds = contract.call.timeoutSeconds, send = globalFetch } = this.#details;
    this.#startedAt ??= this.#details.startedAt ?? clock.now();
    const startedAt = this.#startedAt;
    return (input, init) => {
      const leftMs = () => timeoutSeconds * 1000 + this.#askedMs - ((this.#asking > 0 ? 0 : clock.now()) - startedAt);
      const { trace } = this.reach;
      return fetchWithin(
        { signal: this.signal, hide: hiding(this.#hidden()), clock, leftMs, send, trace },
        input,
        init,
      );
    };
  }

  /** Makes `ask` throw: the tool does not declare `asks`. */
  forbidAsking(): void {
    this.#mayAsk = false;
  }

  /** Whether the run has ended with a question that goes out with the result. */
  get isPaused(): boolean {
    return this.#reach?.isPaused === true;
  }

  /** How the call reaches beyond its tool. Made when it first does. */
  get reach(): Reach {
    this.#reach ??= this.#details.reach?.() ?? nobody;
    return this.#reach;
  }

  /** The time that a person takes is none of the call's. */
  async #untimed<T>(ask: () => Promise<T>): Promise<T> {
    const { clock = realClock } = this.#details;
    if (this.#asking === 0) this.#askedMs -= clock.now();
    this.#asking += 1;
    try {
      return await ask();
    } finally {
      this.#asking -= 1;
      if (this.#asking === 0) this.#askedMs += clock.now();
    }
  }

  #hidden(): readonly string[] {
    return [this.token, ...this.secrets.entries.map(({ value }) => value)];
  }

  /** Aborts the signal, whatever the caller does. */
  abort(reason: Error): void {
    this.#abortable().abort(reason);
  }

  #abortable(): AbortController {
    if (this.#controller !== undefined) return this.#controller;
    const controller = new AbortController();
    const { signal } = this.#details;
    const callers = typeof signal === 'function' ? signal() : signal;
    if (callers?.aborted) controller.abort(callers.reason);
    else callers?.addEventListener('abort', () => controller.abort(callers.reason), { once: true });
    this.#controller = controller;
    return controller;
  }
}

async function undeclared(): Promise<never> {
  throw new ToolError('TOOL_RUNTIME_FATAL', false, null, 'Cannot ask: the tool does not declare `asks: true`');
}

function toNobody(): void {}

const nobody: Reach = { ask: askNobody('nobody is there'), log: () => undefined };

/** Looked up each time: an example of a tool puts its own in its place. */
function globalFetch(request: Request): Promise<Response> {
  return globalThis.fetch(request);
}
