import { createHash } from 'node:crypto';
import { type Answer, type Ask, NotAnsweredError, Paused } from '../catalog/asking';
import type { Channel } from '../catalog/context';
import type { TraceFetch } from '../catalog/fetch';
import type { Form } from '../catalog/form';
import { type LogLine, logLevels } from '../catalog/log-line';
import { isObject } from '../json';
import { codes, type Members, metaKeys, RpcError } from './protocol';
import type { RequestState } from './request-state';
import type { McpCall } from './service';

/** The parts of a channel. */
export interface ChannelParts {
  /** The answers that the client sent to the questions of an earlier call. @default - none */
  readonly answers?: Answers | undefined;
  /** Writes to the worker's log. */
  log(line: LogLine): void;
  /** The logger name in log messages to the client. @default - the client gets no log messages */
  readonly logger?: string | undefined;
  readonly trace?: TraceFetch | undefined;
}

/** Answers by the key of their question. */
export type Answers = ReadonlyMap<string, Answer>;

/** The channel from a call over MCP to its client and to the person who uses that client. */
export class McpChannel implements Channel {
  readonly trace: TraceFetch | undefined;
  readonly #call: McpCall;
  readonly #parts: ChannelParts;
  readonly #questions = new Map<string, object>();
  /** The answers used in this run, which the next call needs again. */
  readonly #answered = new Map<string, Answer>();
  readonly #times = new Map<string, number>();

  constructor(call: McpCall, parts: ChannelParts) {
    this.#call = call;
    this.#parts = parts;
    this.trace = parts.trace;
  }

  /** Whether the run ended with questions as its result (2026-07-28). */
  get isPaused(): boolean {
    return this.#questions.size > 0;
  }

  /** The questions, by the key that their answers must have. */
  get inputRequests(): Readonly<Record<string, object>> {
    return Object.fromEntries(this.#questions);
  }

  /** The state that the next call needs. */
  get state(): RequestState {
    return { asked: [...this.#questions.keys()], answered: Object.fromEntries(this.#answered) };
  }

  readonly ask: Ask = (form, wrong) => {
    if (this.#call.era === 'modern') return this.#inResult(form, wrong);
    return this.#directly(form, wrong);
  };

  log(line: LogLine): void {
    const { log, logger } = this.#parts;
    log(line);
    if (logger === undefined || !isWanted(line, this.#call)) return;
    const { level, message, fields } = line;
    const data = fields === undefined ? message : { message, ...fields };
    this.#call.notify('notifications/message', { level, logger, data });
  }

  #inResult(form: Form, wrong: string | undefined): Answer {
    const key = this.#keyOf(form, wrong !== undefined);
    const answer = wrong === undefined ? this.#parts.answers?.get(key) : undefined;
    if (answer !== undefined) {
      this.#answered.set(key, answer);
      return answer;
    }
    const { clientCapabilities } = metaKeys;
    const { _meta: meta } = this.#call.params;
    if (!canBeAsked(isObject(meta) ? meta[clientCapabilities] : undefined)) throw cannotBeAsked();
    this.#answered.delete(key);
    this.#questions.set(key, { method: elicitation, params: { mode: 'form', ...paramsOf(form, wrong) } });
    throw new Paused('The question is sent with the result');
  }

  /** A hash of everything the person sees, so that an answer is never applied to a different question. */
  #keyOf({ message, requestedSchema }: Form, isAgain: boolean): string {
    const visible = JSON.stringify([message, requestedSchema]);
    const times = (this.#times.get(visible) ?? 0) + (isAgain ? 0 : 1);
    this.#times.set(visible, times);
    return createHash('sha256').update(`${times} ${visible}`).digest('base64url').slice(0, 22);
  }

  async #directly(form: Form, wrong: string | undefined): Promise<Answer> {
    const { ask } = this.#call;
    if (ask === undefined) throw cannotBeAsked();
    const { result, error } = await ask(elicitation, paramsOf(form, wrong));
    if (error)
      throw new NotAnsweredError('unreachable', `The client could not ask: it answered with error ${error.code}`);
    const answer = answerIn(result);
    if (answer === undefined) throw new NotAnsweredError('unreachable', 'The client sent a malformed answer');
    return answer;
  }
}

const elicitation = 'elicitation/create';

function paramsOf({ message, requestedSchema }: Form, wrong: string | undefined): Members {
  return {
    message: wrong === undefined ? message : `${message}\n\nThe last answer was not valid: ${wrong}`,
    requestedSchema,
  };
}

function cannotBeAsked(): NotAnsweredError {
  return new NotAnsweredError('unreachable', 'Cannot ask the user: the client does not declare that it can show forms');
}

/** Whether a client declares that it can show forms. `{}` means forms, for backward compatibility (2025-11-25). */
export function canBeAsked(capabilities: unknown): boolean {
  const { elicitation: declared } = isObject(capabilities) ? capabilities : {};
  return isObject(declared) && (isObject(declared.form) || !isObject(declared.url));
}

/** Undefined when the value is not an answer. */
function answerIn(value: unknown): Answer | undefined {
  if (!isObject(value)) return undefined;
  const { action, content } = value;
  if (action === 'decline' || action === 'cancel') return { action };
  return action === 'accept' && (content === undefined || content === null || isObject(content))
    ? { action, content: content ?? {} }
    : undefined;
}

/**
 * Collects the answers of a call: new ones to open questions, and those that the state carries. Ignores all others.
 * @throws RpcError for a malformed answer
 */
export function answersIn({ asked, answered }: RequestState, responses: unknown): Answers {
  if (responses !== undefined && !isObject(responses)) {
    throw new RpcError(codes.invalidParams, 'Invalid params: "inputResponses" must be an object');
  }
  const given = new Map<string, Answer>();
  const take = (key: string, value: unknown) => {
    const answer = answerIn(value);
    if (answer === undefined)
      throw new RpcError(codes.invalidParams, `Invalid params: "${key}" is not an answer to a form`);
    given.set(key, answer);
  };
  for (const [key, value] of Object.entries(answered)) take(key, value);
  for (const key of asked) if (responses?.[key] !== undefined) take(key, responses[key]);
  return given;
}

/** Whether the client has requested log messages of this level. */
function isWanted({ level }: LogLine, { era, params: { _meta: meta }, from }: McpCall): boolean {
  const inMeta = isObject(meta) ? meta[metaKeys.logLevel] : undefined;
  const least = logLevels.findIndex((each) => each === (era === 'modern' ? inMeta : from.client?.()?.logLevel));
  return least >= 0 && logLevels.indexOf(level) >= least;
}
