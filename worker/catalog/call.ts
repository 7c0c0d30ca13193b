import type { ToolContext } from './context';
import { transportError } from './http-failures';
import type { Reading } from './reader';
import { type FailureKind, ToolError } from './tool-errors';

/** The part of a tool that a call needs. */
export interface Callable {
  /** The name in the source, which error texts quote. */
  readonly name: string;
  readonly deprecated: string | undefined;
  readInputs(inputs: unknown): Reading;
  /** Undefined when the tool declares no result. */
  readonly readResult: ((value: unknown) => Reading) | undefined;
  run(input: unknown, context: ToolContext): unknown;
}

/** How a call ended: everything that either route needs to respond. */
export type ToolOutcome =
  | {
      readonly ok: true;
      /** JSON. A null result is empty text and no declared result is `{}`, as the reference sends them. */
      readonly value: unknown;
      readonly logs: readonly LogEntry[] | null;
    }
  | {
      readonly ok: false;
      readonly failure: Failure;
      /** What was thrown, for the log. Never sent. */
      readonly cause: unknown;
    };

export interface LogEntry {
  readonly message: string;
  readonly level: 'warning';
  readonly subtype: 'deprecation';
}

/** A failed call, member by member as the engine gets it. */
export interface Failure {
  readonly message: string;
  readonly kind: FailureKind;
  readonly developer_message: string | null;
  readonly can_retry: boolean;
  readonly additional_prompt_content: string | null;
  readonly retry_after_ms: number | null;
  /** Never sent: it would show file paths, and for bad inputs the rejected values. */
  readonly stacktrace: null;
  readonly status_code: number | null;
  readonly extra: Readonly<Record<string, unknown>> | null;
}

/**
 * Reads the inputs, runs the tool, reads the result. Whatever goes wrong is an outcome.
 * @param inputs what the caller sent as an object of parameters
 * @returns the outcome, at once unless the tool promises its result; the promise never rejects
 */
export function call(tool: Callable, inputs: unknown, context: ToolContext): MaybePromise<ToolOutcome> {
  const read = tool.readInputs(inputs);
  if (!read.ok) return badInput(tool.name, read);
  try {
    const result = tool.run(read.value, context);
    if (!(result instanceof Promise)) return outcomeOf(tool, result);
    return result.then((value) => outcomeOf(tool, value)).catch((error: unknown) => raised(tool.name, error));
  } catch (error) {
    return raised(tool.name, error);
  }
}

function outcomeOf(tool: Callable, result: unknown): ToolOutcome {
  const logs = tool.deprecated === undefined ? null : deprecation(tool.deprecated);
  if (tool.readResult === undefined) return { ok: true, value: {}, logs };
  const read = tool.readResult(result);
  if (!read.ok) return badOutput(tool.name, read);
  return { ok: true, value: read.value === null && result === null ? '' : read.value, logs };
}

function deprecation(message: string): readonly LogEntry[] {
  return [{ message, level: 'warning', subtype: 'deprecation' }];
}

function badInput(name: string, { issues }: Reading & { ok: false }): ToolOutcome {
  return failed(name, 'ToolInputError', {
    kind: 'TOOL_RUNTIME_BAD_INPUT_VALUE',
    message: `Invalid input: ${issues.describe(({ path, reason }) => `${path}: ${reason}`)}`,
    developerMessage: `Pydantic validation failed: ${issues.describe(({ path, code }) => `${path}[${code}]`)}`,
    statusCode: 400,
  });
}

function badOutput(name: string, { issues }: Reading & { ok: false }): ToolOutcome {
  const reasons = issues.describe(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`));
  return failed(name, 'ToolOutputError', {
    kind: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE',
    message: 'Failed to serialize tool output',
    developerMessage: `The result does not fit what the tool declares: ${reasons}`,
    statusCode: 500,
  });
}

function raised(name: string, error: unknown): ToolOutcome {
  const known = error instanceof ToolError ? error : transportError(error);
  if (known !== undefined) return failed(name, known.name, known, known);
  const type = typeOf(error);
  const text = textOf(error);
  const body = {
    kind: 'TOOL_RUNTIME_FATAL',
    message: `An unhandled ${type} was raised by the tool.`,
    developerMessage: text === '' ? `${type} (no exception message)` : `${type}: ${text}`,
    statusCode: 500,
  } as const;
  return failed(name, 'FatalToolError', body, error);
}

/** The text of what was thrown. A tool may throw anything, even what has no text. */
function textOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    return '';
  }
}

/** The name a class gives its errors, or else the class's own. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return error.name === 'Error' ? error.constructor.name : error.name;
}

interface FailureBody {
  readonly kind: FailureKind;
  readonly message: string;
  readonly developerMessage: string | null;
  readonly canRetry?: boolean;
  readonly additionalPromptContent?: string | null;
  readonly retryAfterMs?: number | null;
  readonly statusCode: number | null;
  readonly extra?: Readonly<Record<string, unknown>> | null;
}

function failed(name: string, className: string, body: FailureBody, cause?: unknown): ToolOutcome {
  const prefix = `[${body.kind}] ${className} during execution of tool '${name}': `;
  const message = body.message.trim() === '' ? '(no details provided)' : body.message;
  return {
    ok: false,
    cause,
    failure: {
      message: prefix + message,
      kind: body.kind,
      developer_message: body.developerMessage === null ? null : prefix + body.developerMessage,
      can_retry: body.canRetry ?? false,
      additional_prompt_content: body.additionalPromptContent ?? null,
      retry_after_ms: body.retryAfterMs ?? null,
      stacktrace: null,
      status_code: body.statusCode,
      extra: sendable(body.extra ?? null),
    },
  };
}

/** The same, or null for what JSON cannot hold: the failure itself must reach the caller. */
function sendable(extra: Failure['extra']): Failure['extra'] {
  try {
    JSON.stringify(extra);
    return extra;
  } catch {
    // A circle or a big integer in a detail is not worth losing the failure.
    return null;
  }
}

/** A value, or the promise of one. Most tools answer at once, and a turn of the queue for each step costs as much as the call. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with a value: at once when it is there, later when it is promised. */
export function whenReady<T, Next>(value: MaybePromise<T>, next: (value: T) => Next): MaybePromise<Next> {
  return value instanceof Promise ? value.then(next) : next(value);
}
