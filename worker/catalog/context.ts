import type { z } from 'zod';
import { contract } from '../contract';
import { type Ask, answersOf, askUndeclared, cannotAsk } from './asking';
import { type Clock, type FetchInit, fetchWithin, realClock, type TraceFetch } from './fetch';
import type { Answers } from './form';
import { type Log, type LogLine, logLineOf, redactor } from './log-line';
import { type Lookup, lookup } from './lookup';

export type { Lookup } from './lookup';

/** Everything a tool can reach besides its input. */
export interface ToolContext {
  /** The caller. From the engine: as sent. From MCP: the subject of a verified access token, or the configured user. */
  readonly userId: string | null;
  /** The OAuth token the tool requires. An empty string when the caller sent none. */
  readonly token: string;
  readonly secrets: Lookup;
  readonly metadata: Lookup;
  /** Reports progress; `total` may be unknown. A no-op for calls from the engine. */
  progress(done: number, total?: number, message?: string): void;
  /**
   * Aborted at the tool's time limit, and when the caller cancels. An engine never cancels. MCP clients cancel with
   * `notifications/cancelled` over stdio, and over HTTP with the call's token or session identifier. Disconnecting
   * cancels only since 2026-07-28. Pass it to anything that takes a signal; `context.fetch` already has it.
   */
  readonly signal: AbortSignal;
  /**
   * Asks the calling person, as in `await context.ask({ email: z.email() }, 'Where should it go?')`, and returns the
   * filled-in form. Clients since 2026-07-28 call again with the answer, and the tool runs again **from the start**: ask before
   * changing anything, and ask the same question for the same input. Requires `asks: true`. For a yes or no use `confirm`.
   * @param answers strings, numbers, booleans, choices and lists of choices, each with a description
   * @throws NotAnsweredError when the person declines or cannot be asked, as in calls from the engine
   */
  ask<Shape extends z.ZodRawShape>(answers: Answers<Shape>, message: string): Promise<z.output<z.ZodObject<Shape>>>;
  /**
   * Writes a line to the worker's log: an optional level, a message, optional fields. With `logs: true` it also goes to MCP
   * clients that request it. The call's secrets and token are redacted.
   */
  readonly log: Log;
  /**
   * `fetch` within the call's time limit. Retries reads, throws an error for a response that is not a success, and bounds
   * the body. A client library can use it; pass `answers: 'all'` if the library checks the status itself.
   * @throws UpstreamError, UpstreamRateLimitError, NetworkTransportError
   */
  fetch(input: string | URL | Request, init?: FetchInit): Promise<Response>;
}

/** What a call can reach outside the tool: the person, the log, tracing. */
export interface Channel {
  readonly ask: Ask;
  /** Whether the run ended with a question that is sent with the result. @default - never */
  readonly isPaused?: boolean;
  log(line: LogLine): void;
  /** @default - no spans */
  readonly trace?: TraceFetch | undefined;
}

/** A call's data as a route has it. Omitted values are empty, and omitted progress is a no-op. */
export interface CallDetails {
  /** A function is called on each read. */
  readonly userId?: string | null | undefined | (() => string);
  readonly token?: string | null | undefined;
  readonly secrets?: Lookup['entries'] | null | undefined;
  readonly metadata?: Lookup['entries'] | null | undefined;
  readonly progress?: ToolContext['progress'];
  /** A function is called on first use: creating a signal costs as much as reading the inputs. */
  readonly signal?: AbortSignal | (() => AbortSignal);
  /** Called when a tool first asks, logs or fetches. @default - `ask` fails and `log` is a no-op */
  readonly channel?: (() => Channel) | undefined;
  /** The start of the call on its clock. @default - the tool's first fetch */
  readonly startedAt?: number | undefined;
  /** The time limit. @default - the contract's */
  readonly timeoutSeconds?: number | undefined;
  /** @default - the monotonic system clock */
  readonly clock?: Clock;
  /** Sends the tool's requests. @default - the current global `fetch` */
  readonly send?: (request: Request) => Promise<Response>;
}

/** The context of one call. Cheap to create: nothing is copied, and the signal is created on first use. */
export class CallContext implements ToolContext {
  readonly #details: CallDetails;
  #channel: Channel | undefined;
  #startedAt: number | undefined;
  /** Total time spent waiting for a person. During a wait, the start time is already subtracted. */
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
    return this.#details.progress ?? ignoreProgress;
  }

  get log(): Log {
    return (...given: readonly unknown[]) => this.channel.log(logLineOf(given, redactor(this.#secretValues())));
  }

  get ask(): ToolContext['ask'] {
    if (!this.#mayAsk) return askUndeclared;
    return (answers, message) => {
      const answered = this.#untimed(() => answersOf(this.channel.ask, answers, message));
      // A paused run ends with its questions. This promise may not be awaited, so prevent an unhandled rejection.
      if (this.channel.isPaused) answered.catch(() => undefined);
      return answered;
    };
  }

  get fetch(): ToolContext['fetch'] {
    const { clock = realClock, timeoutSeconds = contract.call.timeoutSeconds, send = globalFetch } = this.#details;
    this.#startedAt ??= this.#details.startedAt ?? clock.now();
    const startedAt = this.#startedAt;
    return (input, init) => {
      const leftMs = () => timeoutSeconds * 1000 + this.#askedMs - ((this.#asking > 0 ? 0 : clock.now()) - startedAt);
      const { trace } = this.channel;
      const redact = redactor(this.#secretValues());
      return fetchWithin({ signal: this.signal, redact, clock, leftMs, send, trace }, input, init);
    };
  }

  /** Makes `ask` throw, for a tool that does not declare `asks`. */
  forbidAsking(): void {
    this.#mayAsk = false;
  }

  /** Whether the run ended with a question that is sent with the result. */
  get isPaused(): boolean {
    return this.#channel?.isPaused === true;
  }

  /** Created on first use. */
  get channel(): Channel {
    this.#channel ??= this.#details.channel?.() ?? noChannel;
    return this.#channel;
  }

  /** Excludes the time a person takes from the call's time limit. */
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

  #secretValues(): readonly string[] {
    return [this.token, ...this.secrets.entries.map(({ value }) => value)];
  }

  /** Aborts the signal, independently of the caller's. */
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

const ignoreProgress = () => undefined;
const noChannel: Channel = { ask: cannotAsk('no client is connected'), log: () => undefined };

/** Looked up each time, because a tool's example replaces the global. */
const globalFetch = (request: Request) => globalThis.fetch(request);
