import { isObject } from '../json';
import { withModernFields } from './modern';
import { codes, type Era, errorText, type RpcOutcome } from './protocol';
import type { ParsedRequest } from './request';
import type { McpResult, McpService } from './service';

/** The JSON text of a response. */
export function responseText({ id, method, era }: ParsedRequest, outcome: RpcOutcome, service: McpService): string {
  if (outcome.error) return errorText(outcome.error, id);
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultText(outcome.result, method, era, service)}}`;
}

function resultText(result: McpResult, method: string, era: Era, service: McpService): string {
  const texts = constants.get(result);
  const known = texts?.get(era);
  if (known !== undefined) return known;
  const text = JSON.stringify(era === 'modern' ? withModernFields(result, method, service) : result);
  texts?.set(era, text);
  return text;
}

/** Marks a result that is the same each time: its text is made once per era, not once per request. */
export function constantResult(result: McpResult): McpResult {
  constants.set(result, new Map());
  return result;
}

const constants = new WeakMap<object, Map<Era, string>>();

/** A tool call that failed. A model corrects itself only by what it can read, so failures are results, not errors. */
export function failedResult(text: string): McpResult {
  return { content: [{ type: 'text', text }], isError: true };
}

/** The outcome of a call whose time is up. */
export function timedOut(method: string, timeMs: number): RpcOutcome {
  const text = `timed out after ${timeMs / 1000} s`;
  return method === 'tools/call'
    ? { result: failedResult(text) }
    : { error: { code: codes.internal, message: `Internal error: ${text}` } };
}

/** The result of a tool, or a failed one in its place when it has more text than a client should have to read. */
export function withinSize(result: McpResult, maxBytes: number): McpResult {
  const { content } = result;
  if (!Array.isArray(content)) return result;
  let bytes = 0;
  for (const item of content) {
    if (isObject(item) && typeof item.text === 'string') bytes += Buffer.byteLength(item.text);
  }
  if (bytes <= maxBytes) return result;
  return failedResult(`the result has ${bytes} bytes of text, more than ${maxBytes}; ask for less at once`);
}
