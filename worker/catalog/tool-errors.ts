/** Every kind of failure that callers see (arcade-mcp-server 1.26.0). Dashboards depend on the names. */
export type FailureKind =
  | 'TOOL_RUNTIME_RETRY'
  | 'TOOL_RUNTIME_CONTEXT_REQUIRED'
  | 'TOOL_RUNTIME_FATAL'
  | 'TOOL_RUNTIME_BAD_INPUT_VALUE'
  | 'TOOL_RUNTIME_BAD_OUTPUT_VALUE'
  | 'UPSTREAM_RUNTIME_AUTH_ERROR'
  | 'UPSTREAM_RUNTIME_NOT_FOUND'
  | 'UPSTREAM_RUNTIME_RATE_LIMIT'
  | 'UPSTREAM_RUNTIME_SERVER_ERROR'
  | 'UPSTREAM_RUNTIME_BAD_REQUEST'
  | 'UPSTREAM_RUNTIME_UNMAPPED'
  | 'NETWORK_TRANSPORT_RUNTIME_TIMEOUT'
  | 'NETWORK_TRANSPORT_RUNTIME_UNREACHABLE'
  | 'NETWORK_TRANSPORT_RUNTIME_UNMAPPED';

/** What any error of a tool may carry besides its message. */
export interface ErrorDetails {
  /** For logs; not shown to people or models. @default - none */
  readonly developerMessage?: string;
  /** Any JSON for the caller. @default - none */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** What made this happen, for the log. @default - none */
  readonly cause?: unknown;
}

/** What a caller needs to know to try again. */
export interface RetryDetails extends ErrorDetails {
  /** Help for a model that tries again. @default - none */
  readonly additionalPromptContent?: string;
  /** How long to wait first, in milliseconds. @default - not said */
  readonly retryAfterMs?: number;
}

/** An error that a tool raises on purpose. Its message may be shown to a person or a model. */
export class ToolError extends Error {
  override readonly name: string = 'ToolError';
  readonly developerMessage: string | null;
  readonly additionalPromptContent: string | null;
  readonly retryAfterMs: number | null;
  readonly extra: Readonly<Record<string, unknown>> | null;

  constructor(
    readonly kind: FailureKind,
    readonly canRetry: boolean,
    readonly statusCode: number | null,
    message: string,
    details: RetryDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.developerMessage = details.developerMessage ?? null;
    this.additionalPromptContent = details.additionalPromptContent ?? null;
    const { retryAfterMs = Number.NaN } = details;
    // A whole number or null, which is all that an engine reads.
    this.retryAfterMs = Number.isFinite(retryAfterMs) ? Math.max(0, Math.ceil(retryAfterMs)) : null;
    this.extra = details.extra ?? null;
  }
}

/** The same call may succeed later, or with other inputs. */
export class RetryableToolError extends ToolError {
  override readonly name = 'RetryableToolError';
  constructor(message: string, details: RetryDetails = {}) {
    super('TOOL_RUNTIME_RETRY', true, null, message, details);
  }
}

/** Something is missing that only the person knows. The prompt says what the model should ask. */
export class ContextRequiredToolError extends ToolError {
  override readonly name = 'ContextRequiredToolError';
  constructor(message: string, details: ErrorDetails & { readonly additionalPromptContent: string }) {
    super('TOOL_RUNTIME_CONTEXT_REQUIRED', false, null, message, details);
  }
}

/** The call failed and would fail again. */
export class ToolExecutionError extends ToolError {
  override readonly name = 'ToolExecutionError';
  constructor(message: string, details: ErrorDetails = {}) {
    super('TOOL_RUNTIME_FATAL', false, null, message, details);
  }
}

/** The call failed because the tool or its surroundings are broken. */
export class FatalToolError extends ToolError {
  override readonly name = 'FatalToolError';
  constructor(message: string, details: ErrorDetails = {}) {
    super('TOOL_RUNTIME_FATAL', false, 500, message, details);
  }
}

/** A service behind the tool answered with an error status. */
export class UpstreamError extends ToolError {
  override readonly name: string = 'UpstreamError';
  constructor(message: string, statusCode: number, details: RetryDetails = {}) {
    super(upstreamKind(statusCode), statusCode >= 500 || statusCode === 429, statusCode, message, details);
  }
}

/** A service behind the tool asks to wait. */
export class UpstreamRateLimitError extends UpstreamError {
  override readonly name = 'UpstreamRateLimitError';
  constructor(message: string, details: RetryDetails & { readonly retryAfterMs: number }) {
    super(message, 429, details);
  }
}

/** A service behind the tool gave no answer. */
export class NetworkTransportError extends ToolError {
  override readonly name = 'NetworkTransportError';
  constructor(
    message: string,
    reason: 'timeout' | 'unreachable' | 'unmapped',
    details: ErrorDetails & { readonly canRetry?: boolean } = {},
  ) {
    super(transportKinds[reason], details.canRetry ?? true, null, message, details);
  }
}

const transportKinds = {
  timeout: 'NETWORK_TRANSPORT_RUNTIME_TIMEOUT',
  unreachable: 'NETWORK_TRANSPORT_RUNTIME_UNREACHABLE',
  unmapped: 'NETWORK_TRANSPORT_RUNTIME_UNMAPPED',
} as const satisfies Record<string, FailureKind>;

function upstreamKind(status: number): FailureKind {
  if (status === 401 || status === 403) return 'UPSTREAM_RUNTIME_AUTH_ERROR';
  if (status === 404) return 'UPSTREAM_RUNTIME_NOT_FOUND';
  if (status === 429) return 'UPSTREAM_RUNTIME_RATE_LIMIT';
  if (status >= 500) return 'UPSTREAM_RUNTIME_SERVER_ERROR';
  return status >= 400 ? 'UPSTREAM_RUNTIME_BAD_REQUEST' : 'UPSTREAM_RUNTIME_UNMAPPED';
}
