import { Countdown } from './countdown';
import { type ResponseText, responsesOf } from './eras';
import { methodsOf } from './methods';
import {
  codes,
  type Era,
  type ErrorMember,
  errorText,
  type Members,
  RpcError,
  type RpcOutcome,
  timedOut,
} from './protocol';
import { Questions } from './questions';
import type { DispatcherOptions, McpCall, McpService, ParsedRequest, Sink, Source } from './service';

/** Runs requests of any transport: finds the method, and ends calls that time out or are cancelled. */
export class McpDispatcher {
  readonly #methods: ReturnType<typeof methodsOf>;
  readonly #responseTo: ReturnType<typeof responsesOf>;
  readonly #unfinished = new Set<Call>();
  readonly #questions: Questions;

  constructor(
    readonly service: McpService,
    private readonly options: DispatcherOptions,
  ) {
    this.#methods = methodsOf(service);
    this.#responseTo = responsesOf(service);
    this.#questions = new Questions(options);
  }

  /** How many requests are waiting for their outcome. */
  get pending(): number {
    return [...this.#unfinished].filter(({ isWaiting }) => isWaiting).length;
  }

  /** True when the next request should be rejected as overload. */
  get isFull(): boolean {
    return this.#unfinished.size >= this.options.maxCalls;
  }

  /**
   * Runs a request and delivers its outcome to the sink: synchronously, unless the method returns a promise.
   * @returns a function that aborts the request and drops its outcome; a no-op after the outcome
   */
  run(request: ParsedRequest, from: Source, sink: Sink): () => void {
    const call = new Call(request, from, sink, this.#questions);
    const fail = (error: unknown) => {
      // An error after the end of a call is usually the abort itself, not a defect.
      if (call.isWaiting) call.end({ error: this.#memberOf(error) });
    };
    try {
      const method = this.#methods[request.era].get(request.method);
      if (method === undefined) throw new RpcError(codes.methodNotFound, 'Method not found');
      const result = method(call);
      if (result instanceof Promise) {
        this.#unfinished.add(call);
        const timeMs = this.service.timeLimitOf?.(request) ?? this.options.callTimeMs;
        const forget = () => this.#unfinished.delete(call) && call.countdown.stop();
        call.countdown.start(timeMs, () => {
          call.end(timedOut(request.method, timeMs), true);
          // Some tools never return.
          call.countdown.start(this.options.overrunMs, forget);
        });
        void result.then((value) => call.end({ result: value }), fail).finally(forget);
      } else call.end({ result });
    } catch (error) {
      fail(error);
    }
    return () => call.end();
  }

  /** Aborts the request with this id from this client. If several match, aborts none of them. */
  cancel(id: unknown, isClient: (from: Source) => boolean): void {
    const matches = ({ request, from, isWaiting }: Call) => isWaiting && request.id === id && isClient(from);
    const [call, ...more] = [...this.#unfinished].filter(matches);
    if (call === undefined || more.length > 0) return;
    call.end();
    call.sink.cancelled();
  }

  /** Passes a client's answer to the call that asked. @returns false when no call of this client is waiting for it */
  answer(id: unknown, outcome: RpcOutcome, isClient: (asked: Source) => boolean): boolean {
    return this.#questions.answer(id, outcome, isClient);
  }

  /** Cancels the open questions to matching clients. @param why a sentence for the log and, if still connected, the client */
  cancelQuestions(why: string, matches: (asked: Source) => boolean = () => true): void {
    this.#questions.cancel(({ from }) => matches(from), why);
  }

  /** A response as JSON. A result that cannot be serialised is a defect: its caller gets "Internal error". */
  text(request: ParsedRequest, outcome: RpcOutcome): ResponseText {
    try {
      return this.#responseTo(request, outcome);
    } catch (error) {
      return errorText(this.#memberOf(error), request.id);
    }
  }

  /** Aborts all running requests. Their outcomes are not delivered. */
  close(): void {
    for (const call of this.#unfinished) call.end();
  }

  #memberOf(error: unknown): ErrorMember {
    if (error instanceof RpcError) return error.member;
    this.options.onDefect(error);
    return { code: codes.internal, message: 'Internal error' };
  }
}

/** A request in progress, as its method sees it. */
class Call implements McpCall {
  isWaiting = true;
  readonly params: Members;
  readonly era: Era;
  readonly revision: string;
  #aborting: AbortController | undefined;
  #countdown: Countdown | undefined;
  #hasAsked = false;
  #onEnd: (() => void) | undefined;

  constructor(
    readonly request: ParsedRequest,
    readonly from: Source,
    readonly sink: Sink,
    private readonly questions: Questions,
  ) {
    this.params = request.params;
    this.era = request.era;
    this.revision = request.revision;
  }

  /** Created lazily: few tools use it. */
  get signal(): AbortSignal {
    this.#aborting ??= new AbortController();
    if (!this.isWaiting) this.#aborting.abort();
    return this.#aborting.signal;
  }

  /** Created lazily, for asynchronous calls and calls that ask a question. */
  get countdown(): Countdown {
    this.#countdown ??= new Countdown();
    return this.#countdown;
  }

  get ask(): McpCall['ask'] {
    if (this.sink.ask === undefined || !this.isWaiting || !this.from.client?.()?.canBeAsked) return undefined;
    return async (method, params) => {
      this.#hasAsked = true;
      this.countdown.pause();
      try {
        return await this.questions.ask(this, method, params);
      } finally {
        this.countdown.resume();
      }
    };
  }

  onEnd(listener: () => void): void {
    if (this.isWaiting) this.#onEnd = listener;
    else listener();
  }

  notify(method: string, params: Members): void {
    if (this.isWaiting) this.sink.notify({ method, params });
  }

  /** Ends the call; a no-op the second time. Without an outcome the call is aborted. */
  end(outcome?: RpcOutcome, isAborted = outcome === undefined): void {
    if (!this.isWaiting) return;
    this.isWaiting = false;
    this.#onEnd?.();
    if (this.#hasAsked) this.questions.cancel((asker) => asker === this, 'The call has ended');
    if (isAborted) this.#aborting?.abort();
    if (outcome !== undefined) this.sink.deliver(outcome);
  }
}
