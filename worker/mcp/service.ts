import type { IncomingHttpHeaders } from 'node:http';
import type { MaybePromise } from '../catalog/call';
import type { Caller } from '../oauth/access-token';
import type { Era, Members } from './protocol';

/** Where a call comes from. */
export interface Source {
  /** Who calls, by a verified access token. @default - an open endpoint */
  readonly caller: Caller | undefined;
  /** The identifier under which the log knows the request. */
  readonly requestId: string;
  /** The headers it came with; empty on a transport that has none. */
  readonly headers: IncomingHttpHeaders;
}

/** One call of a method, as the method sees it. */
export interface McpCall {
  readonly era: Era;
  /** The parameters; for `tools/call` already known to have a `name` and, if any, an object of `arguments`. */
  readonly params: Members;
  readonly from: Source;
  /** Aborted when the caller has gone (2026-07-28) or the time is up. */
  readonly signal: AbortSignal;
  /** Sends a notification ahead of the result, to this caller only, if it accepts any. Never rejects. */
  notify(method: string, params: Members): Promise<void>;
}

/** The members of a result. */
export type McpResult = Record<string, unknown>;

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
  /** How long a call of a tool may take, in milliseconds, by its name. @default - as long as every other method */
  toolTimeMs?(name: string): number | undefined;
  /** Further log fields of a call of a tool. @default - none */
  readonly toolFields?: Readonly<Record<string, string>>;
  /** The name of a tool in the log. Undefined when there is no such tool: a caller's own words stay out of the log. */
  toolNamed(name: string): string | undefined;
}
