import { isObject } from '../../worker/json';
import type { ExpectedAnswer, Vector } from './vector';

/** The response of 1.32 where 1.26 has an unhandled error, or ignores the body. */
const badParams: ExpectedAnswer = {
  status: 400,
  headers: { 'content-type': 'application/json' },
  body: { code: -32602, message: 'Invalid params: <string>' },
};

const refused = new Set([
  'invoke-context-null',
  'invoke-execution-id-number',
  'invoke-inputs-list',
  'invoke-malformed-json',
  'invoke-user-id-number',
  'tools-get-with-garbage-body',
]);

/**
 * Adapts an exchange recorded from arcade-mcp-server 1.26 to 1.32.1 (observed 2026-11-25): invalid envelopes get 400, each
 * tool has `_meta`, and resources cannot be subscribed to. Exchanges recorded from 1.32 are returned unchanged.
 */
export function newer(vector: Vector): Vector {
  if (vector.server === 'resources') return vector;
  if (refused.has(vector.name)) return { ...vector, answers: [badParams] };
  const [first, ...others] = vector.answers;
  return { ...vector, answers: [inNewerForm(first), ...others.map(inNewerForm)] };
}

function inNewerForm(answer: ExpectedAnswer): ExpectedAnswer {
  const { body } = answer;
  if (Array.isArray(body)) return { ...answer, body: body.map((tool) => ({ ...tool, _meta: null })) };
  if (!isObject(body) || !isObject(body.result) || !isObject(body.result.capabilities)) return answer;
  const { capabilities } = body.result;
  const { subscribe: _, ...resources } = isObject(capabilities.resources) ? capabilities.resources : {};
  const result = { ...body.result, capabilities: { ...capabilities, resources } };
  return { ...answer, body: { ...body, result } };
}
