import { createHash } from 'node:crypto';
import { type Answer, type Ask, NotAnsweredError, Paused } from '../catalog/asking';
import type { Reach } from '../catalog/context';
import type { TraceFetch } from '../catalog/fetch';
import type { Form } from '../catalog/form';
import { type LogLine, logLevels } from '../catalog/log-line';
import { isObject } from '../json';
import { codes, type Members, metaKeys, RpcError } from './protocol';
import type { RequestState } from './request-state';
import type { McpCall } from './service';

/** What a call over MCP reaches with. */
export interface ReachParts {
  /** What the client brings: answers to questions of an earlier call. @default - none */
  readonly answers?: Answers | undefined;
  /** Writes the worker's log. */
  log(line: LogLine): void;
  /** Whom the client is told that a line is from. Undefined when clients hear nothing of the tool. */
  readonly logger?: string | undefined;
  readonly trace?: TraceFetch | undefined;
}

/** Answers by the key of their question. */
export type Answers = ReadonlyMap<string, Answer>;

/** How a call over MCP reaches the person and the client that made it. */
export class McpReach implements Reach {
  readonly trace: TraceFetch | undefined;
  readonly #call: McpCall;
  readonly #parts: ReachParts;
  readonly #questions = new Map<string, object>();
  /** What was answered and asked again in this run, so that the next call has it too. */
  readonly #answered = new Map<string, Answer>();
  readonly #times = new Map<string, number>();

  constructor(call: McpCall, parts: ReachParts) {
    this.#call = call;
    this.#parts = parts;
    this.trace = parts.trace;
  }

  /** Whether the run has ended with questions, which are its result (2026-07-28). */
  get isPaused(): boolean {
    return this.#questions.size > 0;
  }

  /** The questions, by the keys under which their answers come. */
  get inputRequests(): Readonly<Record<string, object>> {
    return Object.fromEntries(this.#questions);
  }

  /** What the next call has to know. */
  get state(): RequestState {
    return { asked: [...this.#questions.keys()], answered: Object.fromEntries(this.#answered) };
  }

  readonly ask: Ask = (form, wrong) => {
    if (this.#call.era === 'modern') return this.#inResult(form, wrong);
    return this.#atOnce(form, wrong);
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
    throw new Paused('The question goes out with the result');
  }

  /** Of what the person sees: an answer must never be taken for that to another question. */
  #keyOf({ message, requestedSchema }: Form, isAgain: boolean): string {
    const seen = JSON.stringify([message, requestedSchema]);
    const times = (this.#times.get(seen) ?? 0) + (isAgain ? 0 : 1);
    this.#times.set(seen, times);
    return createHash('sha256').update(`${times} ${seen}`).digest('base64url').slice(0, 22);
  }

  async #atOnce(form: Form, wrong: string | undefined): Promise<Answer> {
    const { ask } = this.#call;
    if (ask === undefined) throw cannotBeAsked();
    const { result, error } = await ask(elicitation, paramsOf(form, wrong));
    if (error)
      throw new NotAnsweredError('unreachable', `The client could not ask: it answered with error ${error.code}`);
    const answer = answerIn(result);
    if (answer === undefined) throw new NotAnsweredError('unreachable', 'The client answered with what is no answer');
    return answer;
  }
}

const elicitation = 'elicitation/create';

function paramsOf({ message, requestedSchema }: Form, wrong: string | undefined): Members {
  return {
    message: wrong === undefined ? message : `${message}\n\nThe last answer does not fit: ${wrong}`,
    requestedSchema,
  };
}

function cannotBeAsked(): NotAnsweredError {
  return new NotAnsweredError(
    'unreachable',
    'Cannot ask the person who calls: the client does not say that it shows forms',
  );
}

/** Whether a client declares that it shows forms: `{}` has meant forms since before there was anything else (2025-11-25). */
export function canBeAsked(capabilities: unknown): boolean {
  const { elicitation: declared } = isObject(capabilities) ? capabilities : {};
  return isObject(declared) && (isObject(declared.form) || !isObject(declared.url));
}

/** Undefined for what is none. */
function answerIn(value: unknown): Answer | undefined {
  if (!isObject(value)) return undefined;
  const { action, content } = value;
  if (action === 'decline' || action === 'cancel') return { action };
  return action === 'accept' && (content === undefined || content === null || isObject(content))
    ? { action, content: content ?? {} }
    : undefined;
}

/**
 * The answers that a call brings: those of now, to questions that are out, and those of before. Others are ignored.
 * @throws RpcError for what is no answer
 */
export function answersIn({ asked, answered }: RequestState, responses: unknown): Answers {
  if (responses !== undefined && !isObject(responses)) {
    throw new RpcError(codes.invalidParams, 'Invalid params: "inputResponses" must be an object');
  }
  const given = new Map<string, Answer>();
  const take = (key: string, value: unknown) => {
    const answer = answerIn(value);
    if (answer === undefined)
      throw new RpcError(codes.invalidParams, `Invalid params: "${key}" is no answer to a form`);
    given.set(key, answer);
  };
  for (const [key, value] of Object.entries(answered)) take(key, value);
  for (const key of asked) if (responses?.[key] !== undefined) take(key, responses[key]);
  return given;
}

/** Whether the client has asked for what matters as much as this. */
function isWanted({ level }: LogLine, { era, params: { _meta: meta }, from }: McpCall): boolean {
  const inMeta = isObject(meta) ? meta[metaKeys.logLevel] : undefined;
  const least = logLevels.findIndex((each) => each === (era === 'modern' ? inMeta : from.client?.()?.logLevel));
  return least >= 0 && logLevels.indexOf(level) >= least;
}
