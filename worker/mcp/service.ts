import type { IncomingHttpHeaders } from 'node:http';
import type { MaybePromise } from '../catalog/call';
import type { LogLevel } from '../catalog/log-line';
import { contract } from '../contract';
import type { Caller } from '../oauth/access-token';
import type { Era, Members, RpcOutcome } from './protocol';
import type { AskLimits, Question } from './questions';

/** A request that has been read, and how it is spoken. */
export interface ParsedRequest {
  readonly id: string | number;
  readonly method: string;
  readonly params: Members;
  readonly era: Era;
  /** The revision of the protocol that the request names, or the one that is assumed. */
  readonly revision: string;
  /** What the client says of itself. @default - nothing */
  readonly clientInfo: unknown;
}

/** Where a call comes from. */
export interface Source {
  /** Who calls, by a verified access token. @default - an open endpoint */
  readonly caller: Caller | undefined;
  /** The identifier under which the log knows the request. */
  readonly requestId: string;
  /** The headers it came with; empty on a transport that has none. */
  readonly headers: IncomingHttpHeaders;
  /** What is known of the client from its earlier requests. Called when somebody asks. @default - nothing */
  readonly client?: (() => Client | undefined) | undefined;
}

/** A client of the handshake era, which says once what later requests depend on. */
export interface Client {
  /** Whether it shows forms to its person, as it has said in `initialize`. */
  readonly canBeAsked: boolean;
  /** The least level of what tools say that it wants to hear. Undefined until it says one: nothing. */
  readonly logLevel: LogLevel | undefined;
  setLogLevel(level: LogLevel): void;
}

/** Where the outcome of a request goes. */
export interface Sink {
  /** Takes the outcome. Called at most once, and not at all after a cancellation. */
  deliver(outcome: RpcOutcome): void;
  /** Takes a notification that comes before the outcome. */
  notify(notification: { readonly method: string; readonly params: Members }): void;
  /** Hears that the client has cancelled the request by a notification, and wants no outcome. */
  cancelled(): void;
  /** Takes a request to the client, whose answer goes to the dispatcher. @default - this client cannot be asked anything */
  readonly ask?: ((question: Question) => void) | undefined;
}

/** One call of a method, as the method sees it. */
export interface McpCall {
  readonly era: Era;
  /** The revision of the protocol that the request names, or the one that is assumed. */
  readonly revision: string;
  /** The parameters; for `tools/call` already known to have a `name` and, if any, an object of `arguments`. */
  readonly params: Members;
  readonly from: Source;
  /** Aborted when the call is cancelled, its caller has gone (2026-07-28) or its time is up. */
  readonly signal: AbortSignal;
  /** Tells one who asks when nobody waits for the call any more: it has ended, its time is up, or its client has cancelled it. */
  onEnd?(hear: () => void): void;
  /** Sends a notification ahead of the result, to this caller only, if it accepts any. */
  notify(method: string, params: Members): void;
  /**
   * Sends a request to the client and waits; the call's time stands still meanwhile. Undefined where the client cannot be asked:
   * it has not said that it can, or the era has no such requests.
   * @throws NotAnsweredError when no answer comes
   */
  readonly ask?: ((method: string, params: Members) => Promise<RpcOutcome>) | undefined;
}

/** The members of a result. */
export interface McpResult {
  [member: string]: unknown;
  /**
   * How long it may be kept, and by whom. Sent in 2026-07-28 alone, for methods that have such members.
   * @default - five minutes, by anybody
   */
  [cacheHints]?: { readonly ttlMs: number; readonly cacheScope: 'public' | 'private' };
}

/** The key of what is not sent as it is. */
export const cacheHints: unique symbol = Symbol('cache hints');

/** Runs one method. Throws RpcError for the caller; anything else is a defect, which the caller sees as "Internal error". */
export type McpMethod = (call: McpCall) => MaybePromise<McpResult>;

/** What an MCP endpoint serves. The product has tools; tests hand in more. */
export interface McpService {
  readonly info: { readonly name: string; readonly version: string; readonly title: string };
  readonly instructions: string;
  readonly capabilities: Readonly<Record<string, object>>;
  /** Every method but `initialize`, `ping` and `server/discover`, which are the protocol's own. */
  readonly methods: ReadonlyMap<string, McpMethod>;
  /** What of it 2026-07-28 has. */
  readonly modern: { readonly capabilities: Readonly<Record<string, object>>; readonly methods: ReadonlySet<string> };
  /** Further log fields of a call of a tool. @default - none */
  readonly toolFields?: Readonly<Record<string, string>>;
  /** The name of a tool in the log. Undefined when there is no such tool: a caller's own words stay out of the log. */
  toolNamed(name: string): string | undefined;
  /** How long a request may take, in milliseconds. Undefined, like no such function: as long as the limits say. */
  timeLimitOf?(request: Pick<ParsedRequest, 'method' | 'params'>): number | undefined;
}

/** The limits of what callers may cost. */
export interface CallLimits extends AskLimits {
  /** Calls at once, including those whose callers have gone while their tools go on. */
  readonly maxCalls: number;
  /** How long after its time limit a call still counts while its tool goes on, in milliseconds. */
  readonly countedMs: number;
  /** How long a request may take of which the service does not say it, in milliseconds. */
  readonly callTimeMs: number;
}

/** The limits, and where defects are reported. */
export interface DispatcherOptions extends CallLimits {
  /** Takes what a method threw that was not meant for the caller, who gets "Internal error". */
  onDefect(error: unknown): void;
}

/** The limits of the product. */
export const mcpLimits: CallLimits = {
  maxCalls: 256,
  countedMs: 300_000,
  callTimeMs: 30_000,
  askTimeMs: contract.askSeconds * 1000,
  maxAsked: 64,
  maxAskedOfOne: 16,
};
