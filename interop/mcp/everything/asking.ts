import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isObject } from '../../../worker/json';
import { codes, type Members, metaKeys, RpcError } from '../../../worker/mcp/protocol';
import type { McpCall, McpMethod, McpResult } from '../../../worker/mcp/service';
import { text } from './content';

/** A request that the client must answer before the result is complete (2026-07-28). */
interface Question {
  readonly key: string;
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params: object;
}

const roots: Question = { key: 'client_roots', method: 'roots/list', params: {} };

/** Tools that answer with `input_required` until they have every response. */
export const askingTools = new Map<string, McpMethod>([
  ['test_input_required_result_elicitation', asks([form('user_name', 'What is your name?', 'name')])],
  ['test_input_required_result_sampling', asks([sampling('capital_question', 'What is the capital of France?')])],
  ['test_input_required_result_list_roots', asks([roots])],
  ['test_input_required_result_request_state', asks([form('confirm', 'Please confirm', 'ok')], { keepsState: true })],
  ['test_input_required_result_tampered_state', asks([form('confirm', 'Please confirm', 'ok')], { keepsState: true })],
  [
    'test_input_required_result_multiple_inputs',
    asks([form('user_name', 'What is your name?', 'name'), sampling('greeting', 'Generate a greeting'), roots], {
      keepsState: true,
    }),
  ],
  ['test_input_required_result_multi_round', twoRounds],
  [
    'test_input_required_result_capabilities',
    (call) => {
      const all = [form('user_name', 'What is your name?', 'name'), sampling('greeting', 'Generate a greeting')];
      return asks(all.filter((question) => isDeclared(question, call)))(call);
    },
  ],
]);

/** The prompt that requires input in the same way. */
export function askingPrompt(call: McpCall): McpResult {
  const question = form('user_context', 'What context should the prompt use?', 'context');
  const asked = ask([question], call);
  const answer = answersOf(call).user_context;
  return asked ?? { messages: [{ role: 'user', content: text(`With the context ${JSON.stringify(answer)}`) }] };
}

function asks(questions: readonly Question[], { keepsState = false } = {}): McpMethod {
  return (call) => {
    if (call.params.requestState !== undefined) checkState(call.params.requestState);
    const asked = ask(questions, call);
    if (asked) return keepsState ? { ...asked, requestState: signed('asked') } : asked;
    return { content: [text(`state-ok, with ${Object.keys(answersOf(call)).join(', ')}`)] };
  };
}

function twoRounds(call: McpCall): McpResult {
  const isFirst = call.params.requestState === undefined;
  const round = isFirst ? 'step1' : checkState(call.params.requestState);
  if (!isFirst && !isObject(answersOf(call)[round])) {
    throw new RpcError(codes.invalidParams, `The answer to ${round} is missing`);
  }
  if (round === 'step2') return { content: [text('both steps are done')] };
  const next = isFirst
    ? form('step1', 'Step 1: What is your name?', 'name')
    : form('step2', 'Step 2: What is your favorite color?', 'color');
  return { resultType: 'input_required', inputRequests: inputRequests([next]), requestState: signed(next.key) };
}

/** Asks for the missing responses. @default - every response is present */
function ask(questions: readonly Question[], call: McpCall): McpResult | undefined {
  const answers = answersOf(call);
  const open = questions.filter(({ key }) => !isObject(answers[key]));
  return open.length === 0 ? undefined : { resultType: 'input_required', inputRequests: inputRequests(open) };
}

function inputRequests(questions: readonly Question[]) {
  return Object.fromEntries(questions.map(({ key, method, params }) => [key, { method, params }]));
}

function answersOf({ params: { inputResponses } }: McpCall): Members {
  return isObject(inputResponses) ? inputResponses : {};
}

function isDeclared({ method }: Question, { params: { _meta: meta } }: McpCall): boolean {
  const capabilities = isObject(meta) ? meta[metaKeys.clientCapabilities] : undefined;
  return isObject(capabilities) && isObject(capabilities[method.split('/')[0] ?? '']);
}

function form(key: string, message: string, field: string): Question {
  const type = field === 'ok' ? 'boolean' : 'string';
  const requestedSchema = { type: 'object', properties: { [field]: { type } }, required: [field] };
  return { key, method: 'elicitation/create', params: { message, requestedSchema } };
}

function sampling(key: string, question: string): Question {
  const messages = [{ role: 'user', content: text(question) }];
  return { key, method: 'sampling/createMessage', params: { messages, maxTokens: 100 } };
}

const secret = randomBytes(32);

function signed(state: string): string {
  return `${state}.${createHmac('sha256', secret).update(state).digest('base64url')}`;
}

/** @throws RpcError when the signature of the state is invalid */
function checkState(given: unknown): string {
  const [state = ''] = String(given).split('.');
  const wanted = Buffer.from(signed(state));
  const found = Buffer.from(String(given));
  if (wanted.length === found.length && timingSafeEqual(wanted, found)) return state;
  throw new RpcError(codes.invalidParams, 'The request state has been changed');
}
