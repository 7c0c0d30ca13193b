import { dress } from './modern';
import { type Era, errorText, type Outcome } from './protocol';
import type { McpResult, McpService } from './service';

/** What an answer belongs to. */
export interface Question {
  readonly id: string | number;
  readonly method: string;
  readonly era: Era;
}

/** The JSON text of an answer. */
export function answerText({ id, method, era }: Question, outcome: Outcome, service: McpService): string {
  if (outcome.error) return errorText(outcome.error, id);
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultText(outcome.result, method, era, service)}}`;
}

function resultText(result: McpResult, method: string, era: Era, service: McpService): string {
  const texts = constants.get(result);
  const known = texts?.get(era);
  if (known !== undefined) return known;
  const text = JSON.stringify(era === 'modern' ? dress(result, method, service) : result);
  texts?.set(era, text);
  return text;
}

/** Marks a result that is the same each time: its text is made once per era, not once per request. */
export function constantResult(result: McpResult): McpResult {
  constants.set(result, new Map());
  return result;
}

const constants = new WeakMap<object, Map<Era, string>>();
