import type { IncomingHttpHeaders } from 'node:http';
import type { MaybePromise } from '../catalog/call';
import type { LogLevel } from '../catalog/log-line';
import { contract } from '../contract';
import type { Caller } from '../oauth/access-token';
import type { Era, Members, RpcOutcome } from './protocol';
import type { AskLimits, Question } from './questions';

/** A parsed request and the protocol era it uses. */
export interface ParsedRequest {
  readonly id: string | number;
  readonly method: string;
  readonly params: Members;
  readonly era: Era;
  /** The protocol revision that the request names, or the assumed default. */
  readonly revision: string;
  /** The client's `clientInfo`, unchecked. @default - absent */
  readonly clientInfo: unknown;
}

/** Where a call comes from. */
export interface Source {
  /** The caller, from a verified access token. @default - anonymous, on an open endpoint */
  readonly caller: Caller | undefined;
  /** The id of the request in the log. */
  readonly requestId: string;
  /** The HTTP headers; empty on a transport without headers. */
  readonly headers: IncomingHttpHeaders;
  /** The client state kept from earlier requests, looked up on demand. @default - none */
  readonly client?: (() => Client | undefined) | undefined;
}

/** A client of the handshake era. Later requests depend on what it declared in earlier ones. */
export interface Client {
  /** Whether it declared in `initialize` that it can show forms. */
  readonly canBeAsked: boolean;
  /** The minimum level of log messages to send. @default - no messages, until the client sets a level */
  readonly logLevel: LogLevel | undefined;
  setLogLevel(level: LogLevel): void;
}

/** Receives the outcome of a request. */
export interface Sink {
  /** Receives the outcome. Called at most once, and never after a cancellation. */
  deliver(outcome: RpcOutcome): void;
  /** Receives a notification that precedes the outcome. */
  notify(notification: { readonly method: string; readonly params: Members }): void;
  /** Called when the client cancels the request by a notification. No outcome follows. */
  cancelled(): void;
  /** Sends a request to the client; its answer goes to the dispatcher. @default - this client cannot be asked */
  readonly ask?: ((question: Question) => void) | undefined;
}

/** A call as its method sees it. */
export interface McpCall {
  readonly era: Era;
  /** The protocol revision that the request names, or the assumed default. */
  readonly revision: string;
  /** The parameters. For `tools/call`, `name` and `arguments` have passed the form check. */
  readonly params: Members;
  readonly from: Source;
  /** Aborted when the call is cancelled or times out, or when its caller disconnects (2026-07-28). */
  readonly signal: AbortSignal;
  /** Registers a listener for the end of the call: its outcome, its timeout or its cancellation. */
  onEnd?(listener: () => void): void;
  /** Sends a notification to this caller ahead of the result, if the caller accepts notifications. */
  notify(method: string, params: Members): void;
  /**
   * Sends a request to the client and waits for the answer; the time limit of the call is paused meanwhile.
   * @default - the client cannot be asked: it did not declare the capability, or the era has no such requests
   * @throws NotAnsweredError when no answer arrives
   */
  readonly ask?: ((method: string, params: Members) => Promise<RpcOutcome>) | undefined;
}

/** The members of a result. */
export interface McpResult {
  [member: string]: unknown;
  /**
   * How long the result may be cached, and by whom. Sent only in 2026-07-28, and only for cacheable methods.
   * @default - five minutes, public
   */
  [cacheHints]?: { readonly ttlMs: number; readonly cacheScope: 'public' | 'private' };
}

/** The key of the cache hints of a result, which are translated before they are sent. */
export const cacheHints: unique symbol = Symbol('cache hints');

/** Implements a method. An RpcError goes to the caller; any other error is a defect, reported as "Internal error". */
export type McpMethod = (call: McpCall) => MaybePromise<McpResult>;

/** What an MCP endpoint serves. Tests pass in services with further methods. */
export interface McpService {
  readonly info: { readonly name: string; readonly version: string; readonly title: string };
  readonly instructions: string;
  readonly capabilities: Readonly<Record<string, object>>;
  /** All methods except those of the protocol itself: `initialize`, `ping` and `server/discover`. */
  readonly methods: ReadonlyMap<string, McpMethod>;
  /** The subset that exists in 2026-07-28. */
  readonly modern: { readonly capabilities: Readonly<Record<string, object>>; readonly methods: ReadonlySet<string> };
  /** Extra log fields for tool calls. @default - none */
  readonly toolFields?: Readonly<Record<string, string>>;
  /** The log name of a tool. Undefined for an unknown tool: text chosen by the caller is not logged. */
  toolNamed(name: string): string | undefined;
  /** The time limit of a request, in milliseconds. @default - `callTimeMs` */
  timeLimitOf?(request: Pick<ParsedRequest, 'method' | 'params'>): number | undefined;
}

/** Limits on the resources that callers can use. */
export interface CallLimits extends AskLimits {
  /** Concurrent calls, including those whose caller has disconnected while the tool is still running. */
  readonly maxCalls: number;
  /** How long a timed-out call keeps counting towards `maxCalls` while its tool is still running, in milliseconds. */
  readonly overrunMs: number;
  /** The default time limit of a request, in milliseconds. */
  readonly callTimeMs: number;
}

/** The limits, and a handler for defects. */
export interface DispatcherOptions extends CallLimits {
  /** Receives every unexpected error of a method. The caller gets "Internal error". */
  onDefect(error: unknown): void;
}

/** The limits in production. */
export const mcpLimits: CallLimits = {
  maxCalls: 256,
  overrunMs: 300_000,
  callTimeMs: 30_000,
  askTimeMs: contract.askSeconds * 1000,
  maxAsked: 64,
  maxAskedOfOne: 16,
};
