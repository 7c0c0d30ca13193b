import { isObject } from '../json';
import { codes, type Rejection, type RequestMessage } from './protocol';

/** What a posted body turned out to be. */
export type Reading =
  | { readonly kind: 'request'; readonly message: RequestMessage }
  /** A notification or a response: accepted, and nothing is run. */
  | { readonly kind: 'ignored'; readonly method: string | undefined }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

/** Checks the envelope of a parsed body. Lists were batches until 2025-03-26; they left the protocol in 2025-06-18. */
export function readMessage(body: unknown): Reading {
  if (!isObject(body)) return refuse('Invalid request: the body must be one JSON object');
  const { jsonrpc, id, method, params } = body;
  const readableId = isId(id) ? id : undefined;
  if (jsonrpc !== '2.0') return refuse('Invalid request: "jsonrpc" must be "2.0"', readableId);
  if (typeof method !== 'string') {
    const isResponse = method === undefined && ('result' in body || 'error' in body);
    return isResponse
      ? { kind: 'ignored', method: undefined }
      : refuse('Invalid request: "method" must be text', readableId);
  }
  if (!('id' in body)) return { kind: 'ignored', method };
  if (readableId === undefined) return refuse('Invalid request: "id" must be text or an integer');
  return { kind: 'request', message: { id: readableId, method, params } };
}

function isId(id: unknown): id is string | number {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

function refuse(message: string, id?: string | number): Reading {
  return { kind: 'rejected', rejection: { status: 400, id, error: { code: codes.invalidRequest, message } } };
}
