import { isObject } from '../json';
import type { Caller } from '../oauth/access-token';
import { type Era, modernRevision, type RpcOutcome } from './protocol';
import type { ParsedRequest } from './request';
import { isHandshakeRevision } from './request';
import type { McpService } from './service';

/** What is known of one HTTP request when it ends, for the log and the counters. Never arguments or results. */
export interface McpTrace {
  era?: Era;
  revision?: string;
  /** The method, as long as the endpoint has it: a caller's own words would make endless names of counters. */
  method?: string;
  /** The tool, if there is one of the name. */
  tool?: string;
  isError?: boolean;
  /** The caller did not wait for the answer. */
  hungUp?: boolean;
  /** What the client calls itself. For display only. */
  clientName?: string;
  clientVersion?: string;
  /** Why the token was refused. */
  refusal?: string;
  caller?: Caller;
}

/** Writes down what a request says of itself. */
export function traceRequest(trace: McpTrace, request: ParsedRequest, service: McpService): void {
  const { era, revision, method, params, clientInfo } = request;
  trace.era = era;
  trace.revision = revision === modernRevision || isHandshakeRevision(revision) ? revision : displayable(revision);
  if (service.methods.has(method) || protocolMethods.has(method)) trace.method = method;
  const tool = method === 'tools/call' && typeof params.name === 'string' ? service.toolNamed(params.name) : undefined;
  if (tool !== undefined) trace.tool = tool;
  if (!isObject(clientInfo)) return;
  if (typeof clientInfo.name === 'string') trace.clientName = displayable(clientInfo.name);
  if (typeof clientInfo.version === 'string') trace.clientVersion = displayable(clientInfo.version);
}

/** Writes down how it went. */
export function traceOutcome(trace: McpTrace, { result, error }: RpcOutcome): void {
  trace.isError = error !== undefined || result.isError === true;
}

const protocolMethods = new Set(['initialize', 'ping', 'server/discover']);

/** 64 characters of plain text: no control characters, no marks that turn the reading direction. */
function displayable(text: string): string {
  return text.slice(0, 64).replace(/[^\x20-\x7e]/g, '?');
}
