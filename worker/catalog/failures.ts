import { isObject } from '../json';
import { transportError } from './http-failures';
import type { Issues } from './issues';
import { type FailureKind, ToolError } from './tool-errors';

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

/** A call that has failed. */
export interface Failed {
  readonly ok: false;
  readonly failure: Failure;
  /** What was thrown, for the log. Never sent. */
  readonly cause: unknown;
}

/** The failure of a call whose inputs do not fit. */
export function badInput(name: string, issues: Issues): Failed {
  const body = {
    kind: 'TOOL_RUNTIME_BAD_INPUT_VALUE',
    message: `Invalid input: ${issues.describe(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`))}`,
    developerMessage: `Pydantic validation failed: ${issues.describe(({ path, code }) => `${path}[${code}]`)}`,
    statusCode: 400,
  } as const;
  return failed(name, 'ToolInputError', body, issues.cause);
}

/** The failure of a call whose result is not what the tool declares. */
export function badOutput(name: string, issues: Issues): Failed {
  const reasons = issues.describe(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`));
  const body = {
    kind: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE',
    message: 'Failed to serialize tool output',
    developerMessage: `The result does not fit what the tool declares: ${reasons}`,
    statusCode: 500,
  } as const;
  return failed(name, 'ToolOutputError', body, issues.cause);
}

/** The failure of a call whose result is longer than callers have to take. */
export function tooLong(name: string, bytes: number, maxBytes: number): Failed {
  return badContent(name, `The result has ${bytes} bytes as JSON, more than ${maxBytes}; ask for less at once`);
}

/** The failure of a call whose result cannot be sent, for a reason that callers may know. */
export function badContent(name: string, message: string): Failed {
  const body = { kind: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE', message, developerMessage: null, statusCode: 500 } as const;
  return failed(name, 'ToolOutputError', body);
}

/** The failure of a call whose tool threw. A tool may throw anything, even what throws again when it is looked at. */
export function raised(name: string, error: unknown): Failed {
  try {
    const known = error instanceof ToolError ? error : transportError(error);
    if (known !== undefined) return failed(name, known.name, known, known);
    const [type, text] = [typeOf(error), textOf(error)];
    return fatal(name, type, text === '' ? `${type} (no exception message)` : `${type}: ${text}`, error);
  } catch {
    // Not even for the log: the logger would look at it too.
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
    // The logger reads it, and it may be a getter.
    void error.stack;
    return String(error.message);
  }
  try {
    return String(error);
  } catch {
    return '';
  }
}

/** The name a class gives its errors, or else the class's own. */
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

/** The bundle is made without the compiler, so an author's error may have anything where a text or a number belongs. */
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

/** The engine reads these as whole numbers (arcade-mcp-server 1.26.0); a delay must not become shorter. */
function wholeOrNull(value: unknown): number | null {
  const whole = typeof value === 'number' ? Math.ceil(value) : Number.NaN;
  return Number.isSafeInteger(whole) ? whole : null;
}

/** The same as JSON will have it, or null for what JSON cannot hold: the failure itself must reach the caller. */
function sendable(extra: unknown): Failure['extra'] {
  if (extra === null || extra === undefined) return null;
  try {
    const copy: unknown = JSON.parse(JSON.stringify(extra));
    return isObject(copy) ? copy : null;
  } catch {
    // A circle or a big integer in a detail is not worth losing the failure.
    return null;
  }
}
