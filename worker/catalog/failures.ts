import { isObject } from '../json';
import { transportError } from './http-failures';
import type { Issues } from './issues';
import { type FailureKind, ToolError } from './tool-errors';

/** A failed call, with the fields that the engine expects. */
export interface Failure {
  readonly message: string;
  readonly kind: FailureKind;
  readonly developer_message: string | null;
  readonly can_retry: boolean;
  readonly additional_prompt_content: string | null;
  readonly retry_after_ms: number | null;
  /** Never sent: it would reveal file paths and, for bad inputs, the rejected values. */
  readonly stacktrace: null;
  readonly status_code: number | null;
  readonly extra: Readonly<Record<string, unknown>> | null;
}

/** The outcome of a failed call. */
export interface Failed {
  readonly ok: false;
  readonly failure: Failure;
  /** The thrown value, for the log. Never sent. */
  readonly cause: unknown;
}

/** The failure of a call with invalid inputs. */
export function badInput(name: string, issues: Issues): Failed {
  const body = {
    kind: 'TOOL_RUNTIME_BAD_INPUT_VALUE',
    message: `Invalid input: ${issues.describe(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`))}`,
    developerMessage: `Pydantic validation failed: ${issues.describe(({ path, code }) => `${path}[${code}]`)}`,
    statusCode: 400,
  } as const;
  return failed(name, 'ToolInputError', body, issues.cause);
}

/** The failure of a call whose result does not match the tool's output schema. */
export function badOutput(name: string, issues: Issues): Failed {
  const reasons = issues.describe(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`));
  const body = {
    kind: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE',
    message: 'Failed to serialize tool output',
    developerMessage: `The result does not match the tool's output schema: ${reasons}`,
    statusCode: 500,
  } as const;
  return failed(name, 'ToolOutputError', body, issues.cause);
}

/** The failure of a call whose result is too long. */
export function tooLong(name: string, bytes: number, maxBytes: number): Failed {
  return badContent(
    name,
    `The result has ${bytes} bytes as JSON, the limit is ${maxBytes}; request less data per call`,
  );
}

/** The failure of a call whose result cannot be sent. @param message the reason, shown to the caller */
export function badContent(name: string, message: string): Failed {
  const body = { kind: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE', message, developerMessage: null, statusCode: 500 } as const;
  return failed(name, 'ToolOutputError', body);
}

/** The failure of a call whose tool threw. A tool may throw anything, even an object whose getters throw. */
export function raised(name: string, error: unknown): Failed {
  try {
    const known = error instanceof ToolError ? error : transportError(error);
    if (known !== undefined) return failed(name, known.name, known, known);
    const [type, text] = [typeOf(error), textOf(error)];
    return fatal(name, type, text === '' ? `${type} (no exception message)` : `${type}: ${text}`, error);
  } catch {
    // No cause for the log either: the logger would read the same getters.
    return fatal(name, 'Error', null, undefined);
  }
}

function fatal(name: string, type: string, developerMessage: string | null, cause: unknown): Failed {
  const message = `An unhandled ${type} was raised by the tool.`;
  return failed(
    name,
    'FatalToolError',
    { kind: 'TOOL_RUNTIME_FATAL', message, developerMessage, statusCode: 500 },
    cause,
  );
}

function textOf(error: unknown): string {
  if (error instanceof Error) {
    // The logger will read `stack`, which may be a throwing getter: fail here instead.
    void error.stack;
    return String(error.message);
  }
  try {
    return String(error);
  } catch {
    return '';
  }
}

/** The error's `name` if its class sets one, or else the class name. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return error.name === 'Error' ? error.constructor.name : String(error.name);
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

/** Converts every field: an author's error is not type-checked and may have any value anywhere. */
function failed(name: string, className: string, body: FailureBody, cause?: unknown): Failed {
  const prefix = `[${body.kind}] ${className} during execution of tool '${name}': `;
  const message = String(body.message);
  return {
    ok: false,
    cause,
    failure: {
      message: prefix + (message.trim() === '' ? '(no details provided)' : message),
      kind: body.kind,
      developer_message: body.developerMessage === null ? null : prefix + String(body.developerMessage),
      can_retry: body.canRetry ?? false,
      additional_prompt_content: textOrNull(body.additionalPromptContent),
      retry_after_ms: wholeOrNull(body.retryAfterMs),
      stacktrace: null,
      status_code: wholeOrNull(body.statusCode),
      extra: sendable(body.extra),
    },
  };
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** The engine expects integers (arcade-mcp-server 1.26.0). Rounds up, so that a delay never gets shorter. */
function wholeOrNull(value: unknown): number | null {
  const whole = typeof value === 'number' ? Math.ceil(value) : Number.NaN;
  return Number.isSafeInteger(whole) ? whole : null;
}

/** A JSON copy, or null if JSON cannot represent it. The failure must reach the caller in any case. */
function sendable(extra: unknown): Failure['extra'] {
  if (extra === null || extra === undefined) return null;
  try {
    const copy: unknown = JSON.parse(JSON.stringify(extra));
    return isObject(copy) ? copy : null;
  } catch {
    // A circular reference or a bigint.
    return null;
  }
}
