import { isObject } from '../json';
import { codes, type Outcome } from './protocol';
import type { McpResult } from './service';

/** A tool call that failed. A model corrects itself only by what it can read, so failures are results, not errors. */
export function failedResult(text: string): McpResult {
  return { content: [{ type: 'text', text }], isError: true };
}

/** What a call comes to when its time is up. */
export function timedOut(method: string, timeMs: number): Outcome {
  const text = `timed out after ${timeMs / 1000} s`;
  return method === 'tools/call'
    ? { result: failedResult(text) }
    : { error: { code: codes.internal, message: `Internal error: ${text}` } };
}

/** The result of a tool, or a failed one in its place when its text is more than a client should have to read. */
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
