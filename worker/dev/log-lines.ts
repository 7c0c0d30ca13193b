import { colours } from '../../cli/colours';
import { isObject } from '../json';

/** Fields that every line has, or that repeat another field. */
const hidden =
  /^(level|time|message|toolkit_name|toolkit_version|way|route|execution_id|error_message|description|status)$/;
/** Fields that are shown on separate lines. */
const long = /^(error_developer_message|err)$/;

/**
 * Formats a line of a worker's log for a person: time, message, tool, duration, and the other fields by name; errors follow on
 * lines below. A line that is not JSON is returned unchanged, without control characters.
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

/** Callers control some of these texts, so control characters must not reach the terminal. */
function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '?');
}

function fieldsOf(line: string): unknown {
  try {
    return JSON.parse(line, (_key, value) => (typeof value === 'string' ? harmless(value) : value));
  } catch {
    // A tool wrote to standard output directly.
    return undefined;
  }
}
