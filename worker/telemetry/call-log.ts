import type { FastifyBaseLogger } from 'fastify';
import type { ToolOutcome } from '../catalog/call';
import type { LogLevel, LogLine } from '../catalog/log-line';
import type { Tool } from '../catalog/tool';
import { ToolError } from '../catalog/tool-errors';
import type { CallProtocol, Metrics } from './metrics';

/** What is known of a call besides its tool and outcome. */
export interface CallFacts {
  readonly requestId: string;
  readonly executionId?: string | null | undefined;
  readonly userId?: string | null | undefined;
  readonly durationMs: number;
}

/**
 * Makes the function that logs and counts each call when it has ended: one line, with the field names of the Python server
 * (arcade-mcp-server 1.26.0), because dashboards depend on them. Inputs and outputs are never in it. A successful call
 * over MCP has no line of its own: that of its request says it all.
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
      known = { lines: linesAbout(tool, way, log), labels: { way, tool: tool.wireName }, ok: undefined };
      prepared.set(tool, known);
    }
    const { lines, labels } = known;
    durations.observe(labels, durationMs / 1000);
    if (outcome.ok && outcome.isPaused) calls.cell({ ...labels, outcome: 'asked' }).count += 1;
    else if (outcome.ok) {
      // Made at the first success: a series at 0 would suggest that the tool has been called.
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
    if (outcome.ok) lines.info(fields, 'tool called');
    else warn(lines, { ...fields, ...failureFields(outcome) });
  };
}

/** Writes into the log what a tool or a resource says of a call. @param about which, under the names of our fields */
export type LogToolLine = (about: Readonly<Record<string, string>>, said: LogLine, requestId: string) => void;

/** How lines name a tool. */
export function aboutTool({ wireName, toolkit }: Tool): Readonly<Record<string, string>> {
  return { tool_name: wireName, toolkit_name: toolkit.name };
}

/** Makes the function that writes what tools say of their calls, under the names of their own lines. */
export function toolLog(log: FastifyBaseLogger, way: CallProtocol): LogToolLine {
  return (about, { level, message, fields }, requestId) => {
    // Under a name of their own, so that no author's field passes for one of ours.
    const own = { source: 'tool', ...about, way, request_id: requestId, ...(fields && { fields }) };
    log[pinoLevels[level]](own, message);
  };
}

/** The log has fewer levels. Nothing that a tool says ends the worker, so nothing is fatal. */
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

/** What the calls of one tool have in common. */
interface Prepared {
  readonly lines: FastifyBaseLogger;
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
 * A logger whose lines begin with what never changes of a tool, written out once. Every field of such a line is fixed
 * and harmless; looking for what to hide would cost a tenth of a call.
 */
function linesAbout({ wireName, toolkit }: Tool, way: CallProtocol, log: FastifyBaseLogger): FastifyBaseLogger {
  const fields = { tool_name: wireName, toolkit_name: toolkit.name, toolkit_version: toolkit.version, way };
  return log.child(fields, { redact: [] });
}

/** Logs a failed call. An author's error may throw when it is looked at, and that must not cost the caller the answer. */
function warn(lines: FastifyBaseLogger, fields: Readonly<Record<string, unknown>>): void {
  try {
    lines.warn(fields, 'tool call failed');
  } catch {
    lines.warn({ ...fields, err: undefined }, 'tool call failed');
  }
}

/** Callers choose these texts, so their length is capped. */
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
    // The stack of an unexpected error is for the log alone.
    ...(cause === undefined || cause instanceof ToolError ? {} : { err: cause }),
  };
}
