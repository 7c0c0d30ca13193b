import type { Notification, ServerNotification } from '@modelcontextprotocol/sdk/types.js';
import type { MaybePromise } from '../catalog/call';
import { isObject } from '../json';
import { codes, type Era, type Members, RpcError, type RpcOutcome } from './protocol';
import { timedOut, withinSize } from './response';
import { type NotificationMessage, newServer, PrivateIdTransport, type RequestServer } from './sdk-server';
import type { McpCall, McpResult, McpService, Source } from './service';

/** The limits of what callers may cost. */
export interface CallLimits {
  /** Calls at once, including those whose callers have gone while their tools go on. */
  readonly maxCalls: number;
  /** How long a call may take whose tool does not say so, in milliseconds. */
  readonly callTimeMs: number;
  /** How much text a tool may answer with, in bytes of UTF-8. */
  readonly maxResultBytes: number;
}

/** The limits of the product. */
export const mcpLimits: CallLimits = { maxCalls: 256, callTimeMs: 30_000, maxResultBytes: 1024 * 1024 };

/** The limits, and where defects are reported. */
export interface DispatcherOptions extends CallLimits {
  /** Takes what a method threw that was not meant for the caller, who gets "Internal error". */
  onDefect(error: unknown): void;
}

/** One request on its way to its method. */
export interface DispatchedRequest {
  readonly era: Era;
  readonly method: string;
  readonly params: Members;
  readonly from: Source;
}

/** Where the outcome of a request goes. */
export interface Sink {
  /** Takes the outcome. Called at most once, and not at all after `cancel`. */
  deliver(outcome: RpcOutcome): void;
  /** Takes a notification that comes before the outcome. */
  notify(notification: NotificationMessage): void;
}

/**
 * The SDK's low-level server, one for the life of the process, and what it is working on. Its class is marked as one
 * for advanced uses; this is one: the high-level class announces `listChanged`, answers unknown tools with failed
 * results and finds `constructor` among the tools, and a server per request costs an Ajv instance each time, 0.3 ms.
 */
export class McpDispatcher {
  readonly #service: McpService;
  readonly #options: DispatcherOptions;
  readonly #server: RequestServer;
  readonly #transport: PrivateIdTransport<DispatchedRequest>;
  #running = 0;

  private constructor(service: McpService, options: DispatcherOptions) {
    this.#service = service;
    this.#options = options;
    this.#server = newServer(service);
    this.#transport = new PrivateIdTransport((request) => this.#server.take(request));
    this.#server.onerror = options.onDefect;
    // Such as the one for `logging/setLevel`, which comes with the capability.
    for (const method of service.methods.keys()) this.#server.removeRequestHandler(method);
    // A handler set for `tools/call` would have zod copy request and result three times more, a quarter of the SDK's
    // time (1.32.2). Parameters are checked before they get here, and a tool's output by the tool's own schema.
    this.#server.fallbackRequestHandler = async ({ method }, extra) => this.#run(method, extra);
  }

  /** Starts a dispatcher for a service. */
  static async start(service: McpService, options: DispatcherOptions): Promise<McpDispatcher> {
    const dispatcher = new McpDispatcher(service, options);
    await dispatcher.#server.connect(dispatcher.#transport);
    return dispatcher;
  }

  /** How many requests wait for their answer. */
  get remembered(): number {
    return this.#transport.remembered;
  }

  /** True when the next request should be turned away. */
  get isFull(): boolean {
    return Math.max(this.#running, this.remembered) >= this.#options.maxCalls;
  }

  /**
   * Runs a request other than `initialize`. Its outcome goes to the sink.
   * @returns a function that aborts the request and forgets it; after the outcome it does nothing
   */
  run(request: DispatchedRequest, sink: Sink): () => void {
    const timeMs = this.#timeLimitOf(request);
    const timer = setTimeout(() => {
      if (this.#transport.cancel(id)) sink.deliver(timedOut(request.method, timeMs));
    }, timeMs).unref();
    // No parameters: what the caller wrote does not pass through the SDK's handling of tasks and metadata. An empty object
    // is cheaper than none, in which its schemas find something wrong (1.32.2).
    const id = this.#transport.dispatch(
      request.method,
      {},
      {
        request,
        deliver: (outcome) => {
          clearTimeout(timer);
          sink.deliver(outcome);
        },
        notify: (notification) => sink.notify(notification),
      },
    );
    return () => {
      clearTimeout(timer);
      this.#transport.cancel(id);
    };
  }

  /** Answers `initialize` with a server of its own, so that the shared one never learns a client's name or abilities. */
  async initialize({ protocolVersion, clientInfo }: Members): Promise<RpcOutcome> {
    const server = newServer(this.#service);
    const transport = new PrivateIdTransport<undefined>((request) => server.take(request));
    await server.connect(transport);
    const { name, version }: Members = isObject(clientInfo) ? clientInfo : {};
    // Nothing is done with the capabilities, so the SDK's opinion of their form is not asked for.
    const params = { protocolVersion, capabilities: {}, clientInfo: { name, version } };
    const outcome = await new Promise<RpcOutcome>((deliver) => {
      transport.dispatch('initialize', params, { request: undefined, deliver, notify: () => undefined });
    });
    await server.close();
    return outcome;
  }

  /** Aborts what is running. Nothing is delivered afterwards. */
  async close(): Promise<void> {
    await this.#server.close();
  }

  #timeLimitOf({ method, params }: DispatchedRequest): number {
    const ofTool = method === 'tools/call' ? this.#service.toolTimeMs?.(String(params.name)) : undefined;
    return ofTool ?? this.#options.callTimeMs;
  }

  /** Reports what was not meant for a caller. Returns what the caller gets instead. */
  defect(error: unknown): RpcError {
    this.#options.onDefect(error);
    return new RpcError(codes.internal, 'Internal error');
  }

  /** Returns a promise of its own only for a method that promises its result. */
  #run(method: string, extra: Extra): MaybePromise<McpResult> {
    const request = this.#transport.requestOf(extra.requestId);
    const run = this.#service.methods.get(method);
    if (request === undefined || run === undefined) throw new RpcError(codes.methodNotFound, 'Method not found');
    const call = new DispatchedCall(request, extra);
    const finish = (result: McpResult) =>
      method === 'tools/call' ? withinSize(result, this.#options.maxResultBytes) : result;
    const fail = (error: unknown) => {
      throw error instanceof RpcError ? error : this.defect(error);
    };
    try {
      const result = run(call);
      if (!(result instanceof Promise)) return finish(result);
      this.#running += 1;
      return result.then(finish, fail).finally(() => {
        this.#running -= 1;
      });
    } catch (error) {
      return fail(error);
    }
  }
}

/** What is used of the SDK's second argument to a handler. */
interface Extra {
  readonly requestId: string | number;
  readonly signal: AbortSignal;
  sendNotification(notification: ServerNotification | Notification): Promise<void>;
}

class DispatchedCall implements McpCall {
  readonly era: Era;
  readonly params: Members;
  readonly from: Source;
  readonly signal: AbortSignal;
  readonly #send: Extra['sendNotification'];

  constructor({ era, params, from }: DispatchedRequest, { signal, sendNotification }: Extra) {
    this.era = era;
    this.params = params;
    this.from = from;
    this.signal = signal;
    this.#send = sendNotification;
  }

  async notify(method: string, params: Members): Promise<void> {
    await this.#send({ method, params }).catch(() => {
      // The server has stopped meanwhile; a tool need not care.
    });
  }
}
