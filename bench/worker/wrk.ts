import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endingOf, run } from '../../testing/processes/program';

/** A request as the load generator repeats it. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /**
   * Further headers that change from request to request, taken in turn. An engine signs tokens anew and clients have
   * addresses of their own: one and the same request would flatter whoever remembers the last one.
   * @default - all requests are the same
   */
  readonly variations?: readonly Readonly<Record<string, string>>[];
  /** How many are on their way at once. @default - 16 */
  readonly connections?: number;
}

/** The headers of the first of the requests. */
export function firstHeaders({ headers, variations: [first] = [] }: LoadRequest): Readonly<Record<string, string>> {
  return { ...headers, ...first };
}

/** What one stretch of load came to. */
export interface Load {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly latencyMs: readonly [p50: number, p99: number];
}

/** The load generator: wrk, a small C program, so that the server is what is short of time. The report says whether it was. */
export interface LoadGenerator {
  readonly description: string;
  /**
   * Repeats one request over keep-alive connections.
   * @param statusOk whether answers of 400 and more are failures. @default - true
   * @throws Error when an answer failed, so that no figure rests on errors
   */
  run(url: string, request: LoadRequest, seconds: number, statusOk?: boolean): Promise<Load>;
}

/** Connections kept open during a stretch, if the request says nothing else. */
const usualConnections = 16;

/** wrk on one processor core. @throws Problem TOOL-MISSING when it is not installed */
export async function loadGenerator(core: number): Promise<LoadGenerator> {
  // It tells its version and then fails, because no address was given.
  const [version] = /^wrk \S+/.exec((await endingOf('wrk', ['-v'])).stdout) ?? [];
  return {
    description: `${version}, 1 thread, ${usualConnections} keep-alive connections, core ${core}`,
    async run(url, request, seconds, statusOk = true) {
      const { connections = usualConnections } = request;
      const folder = mkdtempSync(join(tmpdir(), 'load-'));
      try {
        const script = join(folder, 'request.lua');
        writeFileSync(script, luaOf(request));
        const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url];
        return loadOf(await run('taskset', ['-c', String(core), 'wrk', ...args]), statusOk);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

function luaOf({ method, path, headers, body, variations = [] }: LoadRequest): string {
  return [
    `wrk.method = ${luaText(method)}`,
    `wrk.path = ${luaText(path)}`,
    ...Object.entries(headers).map(([name, value]) => `wrk.headers[${luaText(name)}] = ${luaText(value)}`),
    body === undefined ? '' : `wrk.body = ${luaText(body)}`,
    ...(variations.length > 0 ? inTurn(variations) : []),
    'done = function(summary, latency)',
    '  local e = summary.errors',
    '  local broken = e.connect + e.read + e.write + e.timeout',
    '  local line = "RESULT %d %d %d %d %f %f\\n"',
    '  local p50, p99 = latency:percentile(50) / 1000, latency:percentile(99) / 1000',
    '  io.write(line:format(summary.requests, summary.duration, e.status, broken, p50, p99))',
    'end',
  ].join('\n');
}

/** The requests are put together before the load begins, so that making them costs nothing then. */
function inTurn(variations: NonNullable<LoadRequest['variations']>): readonly string[] {
  const tables = variations.map((headers) => {
    const members = Object.entries(headers).map(([name, value]) => `[${luaText(name)}]=${luaText(value)}`);
    return `{${members.join(',')}},`;
  });
  return [
    'local variations = {',
    ...tables,
    '}',
    'local prepared, turn = {}, 0',
    'init = function()',
    '  for i, headers in ipairs(variations) do',
    '    for name, value in pairs(headers) do wrk.headers[name] = value end',
    '    prepared[i] = wrk.format()',
    '  end',
    'end',
    'request = function() turn = turn % #prepared + 1; return prepared[turn] end',
  ];
}

function luaText(text: string): string {
  const bytes = Buffer.from(text).toString('latin1');
  return `"${bytes.replace(/[^\w .:/=-]/g, (byte) => `\\${String(byte.charCodeAt(0)).padStart(3, '0')}`)}"`;
}

function loadOf(output: string, statusOk: boolean): Load {
  const [, ...numbers] = /^RESULT (\d+) (\d+) (\d+) (\d+) ([\d.]+) ([\d.]+)$/m.exec(output) ?? [];
  const [requests = 0, microseconds = 0, refused = 0, broken = 0, p50Ms = 0, p99Ms = 0] = numbers.map(Number);
  if (requests === 0) throw new Error(`The load generator got no answer\n${output}`);
  if (broken > 0 || (statusOk && refused > 0)) {
    throw new Error(`Of ${requests} answers ${refused} had a bad status, and ${broken} connections broke`);
  }
  if (!statusOk && refused !== requests) throw new Error(`Of ${requests} requests only ${refused} were refused`);
  return { requests, requestsPerSecond: (requests / microseconds) * 1e6, latencyMs: [p50Ms, p99Ms] };
}
