import type { FastifyBaseLogger } from 'fastify';
import type { ToolOutcome } from '../catalog/call';
import type { LogLevel, LogLine } from '../catalog/log-line';
import type { Tool } from '../catalog/tool';
import { ToolError } from '../catalog/tool-errors';
import type { CallProtocol, Metrics } from './metrics';

/** The facts about a call besides its tool and outcome. */
export interface CallFacts {
  readonly requestId: string;
  readonly executionId?: string | null | undefined;
  readonly userId?: string | null | undefined;
  readonly durationMs: number;
}

/**
 * Creates the function that logs and counts each finished call: one line with the field names of the Python server
 * (arcade-mcp-server 1.26.0), on which dashboards depend. Never logs inputs or outputs. A successful call over MCP has no
 * separate line, because its request is logged.
 */
export function callLog(
  log: FastifyBaseLogger,
  { calls, durations }: Pick<Metrics, 'calls' | 'durations'>,
  way: CallProtocol,
): (tool: Tool, outcome: ToolOutcome, facts: CallFacts) => void {
  const prepared = new Map<Tool, Prepared>();
  return (tool, outcome, { executionId, requestId, userId, durationMs }) => {
    let known = prepared.get(tool);
    if (known === undefined) {
      known = { logger: toolLogger(tool, way, log), labels: { way, tool: tool.wireName }, ok: undefined };
      prepared.set(tool, known);
    }
    const { logger, labels } = known;
    durations.observe(labels, durationMs / 1000);
    if (outcome.ok && outcome.isPaused) calls.cell({ ...labels, outcome: 'asked' }).count += 1;
    else if (outcome.ok) {
      // Created on the first success: a series at 0 would suggest that the tool has been called.
      known.ok ??= calls.cell({ ...labels, outcome: 'ok' });
      known.ok.count += 1;
    } else calls.cell({ ...labels, outcome: outcome.failure.kind }).count += 1;
    if (outcome.ok && way === 'mcp') return;
    const fields = {
      execution_id: shortened(executionId ?? ''),
      request_id: requestId,
      user_id: userId ? shortened(userId) : null,
      duration_ms: durationMs,
    };
    if (outcome.ok) logger.info(fields, 'tool called');
    else warn(logger, { ...fields, ...failureFields(outcome) });
  };
}

/** Writes a line that a tool or a resource logged. @param about fields that name the tool or resource */
export type LogToolLine = (about: Readonly<Record<string, string>>, line: LogLine, requestId: string) => void;

/** The fields that name a tool. */
export function aboutTool({ wireName, toolkit }: Tool): Readonly<Record<string, string>> {
  return { tool_name: wireName, toolkit_name: toolkit.name };
}

/** Creates the function that writes the lines of tools and resources. */
export function toolLog(log: FastifyBaseLogger, way: CallProtocol): LogToolLine {
  return (about, { level, message, fields }, requestId) => {
    // Nested under `fields`, so that an author's field cannot imitate one of ours.
    const own = { source: 'tool', ...about, way, request_id: requestId, ...(fields && { fields }) };
    log[pinoLevels[level]](own, message);
  };
}

/** The log has fewer levels. A tool's line never stops the worker, so none is fatal. */
const pinoLevels = {
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'error',
  alert: 'error',
  emergency: 'error',
} as const satisfies Record<LogLevel, string>;

/** The prepared logger and counters of one tool. */
interface Prepared {
  readonly logger: FastifyBaseLogger;
  readonly labels: { readonly way: CallProtocol; readonly tool: string };
  ok: { count: number } | undefined;
}

/** Milliseconds since an earlier `performance.now()`, with three digits after the point. */
export function msSince(startedAt: number): number {
  return roundedMs(performance.now() - startedAt);
}

/** Milliseconds, rounded to three digits after the point. */
export function roundedMs(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

/**
 * A logger with the constant fields of a tool, serialised once. All fields of its lines are known to be harmless, so
 * redaction is off; it would add 10 % to the cost of a call.
 */
function toolLogger({ wireName, toolkit }: Tool, way: CallProtocol, log: FastifyBaseLogger): FastifyBaseLogger {
  const fields = { tool_name: wireName, toolkit_name: toolkit.name, toolkit_version: toolkit.version, way };
  return log.child(fields, { redact: [] });
}

/** Logs a failed call. Serialising an author's error may throw, which must not fail the response. */
function warn(logger: FastifyBaseLogger, fields: Readonly<Record<string, unknown>>): void {
  try {
    logger.warn(fields, 'tool call failed');
  } catch {
    logger.warn({ ...fields, err: undefined }, 'tool call failed');
  }
}

/** Caps the length of a text that the caller chose. */
function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function failureFields({ failure, cause }: ToolOutcome & { ok: false }) {
  return {
    error_kind: failure.kind,
    error_message: failure.message,
    error_developer_message: failure.developer_message,
    error_status_code: failure.status_code,
    error_can_retry: failure.can_retry,
    // The stack of an unexpected error is only for the log.
    ...(cause === undefined || cause instanceof ToolError ? {} : { err: cause }),
  };
}
