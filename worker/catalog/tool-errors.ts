/** The failure kinds that callers see (arcade-mcp-server 1.26.0). Dashboards depend on the names. */
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

/** Optional details of any tool error. */
export interface ErrorDetails {
  /** For logs; not shown to people or models. @default - none */
  readonly developerMessage?: string;
  /** Any JSON for the caller. @default - none */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** The underlying error, for the log. @default - none */
  readonly cause?: unknown;
}

/** Details that help a caller to retry. */
export interface RetryDetails extends ErrorDetails {
  /** Advice for a model that retries. @default - none */
  readonly additionalPromptContent?: string;
  /** The delay before a retry, in milliseconds. @default - none */
  readonly retryAfterMs?: number;
}

/** An error that a tool throws on purpose. Its message may be shown to a person or a model. */
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
    // The engine accepts only an integer or null.
    this.retryAfterMs = Number.isFinite(retryAfterMs) ? Math.max(0, Math.ceil(retryAfterMs)) : null;
    this.extra = details.extra ?? null;
  }
}

/** The call may succeed later, or with different inputs. */
export class RetryableToolError extends ToolError {
  override readonly name = 'RetryableToolError';
  constructor(message: string, details: RetryDetails = {}) {
    super('TOOL_RUNTIME_RETRY', true, null, message, details);
  }
}

/** The call lacks information that only the person has. The prompt tells the model what to ask. */
export class ContextRequiredToolError extends ToolError {
  override readonly name = 'ContextRequiredToolError';
  constructor(message: string, details: ErrorDetails & { readonly additionalPromptContent: string }) {
    super('TOOL_RUNTIME_CONTEXT_REQUIRED', false, null, message, details);
  }
}

/** The call failed, and a retry would fail too. */
export class ToolExecutionError extends ToolError {
  override readonly name = 'ToolExecutionError';
  constructor(message: string, details: ErrorDetails = {}) {
    super('TOOL_RUNTIME_FATAL', false, null, message, details);
  }
}

/** The call failed because the tool or its environment is broken. */
export class FatalToolError extends ToolError {
  override readonly name = 'FatalToolError';
  constructor(message: string, details: ErrorDetails = {}) {
    super('TOOL_RUNTIME_FATAL', false, 500, message, details);
  }
}

/** An upstream service responded with an error status. */
export class UpstreamError extends ToolError {
  override readonly name: string = 'UpstreamError';
  constructor(message: string, statusCode: number, details: RetryDetails = {}) {
    super(upstreamKind(statusCode), statusCode >= 500 || statusCode === 429, statusCode, message, details);
  }
}

/** An upstream service rejected the request because of a rate limit. */
export class UpstreamRateLimitError extends UpstreamError {
  override readonly name = 'UpstreamRateLimitError';
  constructor(message: string, details: RetryDetails & { readonly retryAfterMs: number }) {
    super(message, 429, details);
  }
}

/** An upstream service did not respond. */
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
