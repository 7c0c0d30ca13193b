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

/** Runs requests, whatever the transport: finds the method, and ends a call whose time is up or whose client cancels it. */
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

  /** How many requests wait for their outcome. */
  get remembered(): number {
    return [...this.#unfinished].filter(({ isWaiting }) => isWaiting).length;
  }

  /** True when the next request should be turned away. */
  get isFull(): boolean {
    return this.#unfinished.size >= this.options.maxCalls;
  }

  /**
   * Runs a request. Its outcome goes to the sink; before this returns, unless the method promises its result.
   * @returns a function that aborts and forgets the request; after the outcome it does nothing
   */
  run(request: ParsedRequest, from: Source, sink: Sink): () => void {
    const call = new Call(request, from, sink, this.#questions);
    const fail = (error: unknown) => {
      // Nobody waits any more: what is thrown then is most often the abort itself, and no defect.
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
          // Some tools never end.
          call.countdown.start(this.options.countedMs, forget);
        });
        void result.then((value) => call.end({ result: value }), fail).finally(forget);
      } else call.end({ result });
    } catch (error) {
      fail(error);
    }
    return () => call.end();
  }

  /** Aborts the one request of this id that comes from this client. Two cannot be told apart: neither is aborted then. */
  cancel(id: unknown, isClient: (from: Source) => boolean): void {
    const isMeant = ({ request, from, isWaiting }: Call) => isWaiting && request.id === id && isClient(from);
    const [call, ...more] = [...this.#unfinished].filter(isMeant);
    if (call === undefined || more.length > 0) return;
    call.end();
    call.sink.cancelled();
  }

  /** Takes what a client answers to a question. @returns false when no call of this client waits for it */
  answer(id: unknown, outcome: RpcOutcome, isClient: (asked: Source) => boolean): boolean {
    return this.#questions.answer(id, outcome, isClient);
  }

  /** Gives up what was asked of some clients. @param why a sentence for the log and, if it is there, the client */
  giveUpAsking(why: string, isMeant: (asked: Source) => boolean = () => true): void {
    this.#questions.giveUp(({ from }) => isMeant(from), why);
  }

  /** A response as JSON. A result that JSON cannot hold is a defect; its caller would else wait for ever. */
  text(request: ParsedRequest, outcome: RpcOutcome): ResponseText {
    try {
      return this.#responseTo(request, outcome);
    } catch (error) {
      return errorText(this.#memberOf(error), request.id);
    }
  }

  /** Aborts what is running. Nothing is delivered afterwards. */
  close(): void {
    for (const call of this.#unfinished) call.end();
  }

  #memberOf(error: unknown): ErrorMember {
    if (error instanceof RpcError) return error.member;
    this.options.onDefect(error);
    return { code: codes.internal, message: 'Internal error' };
  }
}

/** A request on its way: what its method sees of it, and how it ends. */
class Call implements McpCall {
  isWaiting = true;
  readonly params: Members;
  readonly era: Era;
  readonly revision: string;
  #aborting: AbortController | undefined;
  #countdown: Countdown | undefined;
  #hasAsked = false;
  #hear: (() => void) | undefined;

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

  /** Made for whoever asks: few tools do. */
  get signal(): AbortSignal {
    this.#aborting ??= new AbortController();
    if (!this.isWaiting) this.#aborting.abort();
    return this.#aborting.signal;
  }

  /** Made for calls that last, and those that ask. */
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

  onEnd(hear: () => void): void {
    if (this.isWaiting) this.#hear = hear;
    else hear();
  }

  notify(method: string, params: Members): void {
    if (this.isWaiting) this.sink.notify({ method, params });
  }

  /** Only once. Without an outcome it is aborted: nobody waits for one. */
  end(outcome?: RpcOutcome, isAborted = outcome === undefined): void {
    if (!this.isWaiting) return;
    this.isWaiting = false;
    this.#hear?.();
    if (this.#hasAsked) this.questions.giveUp((asker) => asker === this, 'The call has ended');
    if (isAborted) this.#aborting?.abort();
    if (outcome !== undefined) this.sink.deliver(outcome);
  }
}
