import { colours } from '../../cli/colours';
import { isObject } from '../json';

/** Fields that every line of a worker has, or that say again what another says. */
const hidden =
  /^(level|time|message|toolkit_name|toolkit_version|way|route|execution_id|error_message|description|status)$/;
/** Fields that take lines of their own. */
const long = /^(error_developer_message|err)$/;

/**
 * A line of a worker's log as a person reads it: when, what, of which tool, how long, and the rest by name; what was thrown
 * below. What is no JSON comes back as it is.
 */
export function readableLine(line: string): string {
  const fields = fieldsOf(line);
  if (!isObject(fields)) return harmless(line);
  const { level = 'info', time, message, tool_name: tool, duration_ms: durationMs, ...rest } = fields;
  const paint = level === 'info' || level === 'debug' ? String : level === 'warn' ? colours.yellow : colours.red;
  const head = [
    colours.dim(String(time).slice(11, 19)),
    paint(level === 'info' ? `${message}` : `${level}: ${message}`),
    tool === undefined ? '' : colours.bold(`${tool}`),
    typeof durationMs === 'number' ? `${Math.round(durationMs)} ms` : '',
    ...Object.entries(rest)
      .filter(([name, value]) => !hidden.test(name) && !long.test(name) && value !== null)
      .map(([name, value]) => colours.dim(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)),
  ];
  return [head.filter(Boolean).join('  '), ...below(rest)].join('\n');
}

function below({
  error_developer_message: said,
  error_message: told,
  err,
}: Record<string, unknown>): readonly string[] {
  const stack = isObject(err) ? err.stack : undefined;
  return [told, said, stack].flatMap((text) =>
    typeof text === 'string' ? [`  ${text.replaceAll('\n', '\n  ')}`] : [],
  );
}

/** Callers choose some of these texts, and a terminal obeys control characters. */
function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '?');
}

function fieldsOf(line: string): unknown {
  try {
    return JSON.parse(line, (_key, value) => (typeof value === 'string' ? harmless(value) : value));
  } catch {
    // What a tool writes to standard output by itself.
    return undefined;
  }
}
