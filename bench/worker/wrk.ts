import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endingOf, run } from '../../testing/processes/program';

/** A request that the load generator repeats. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /**
   * Headers that vary from request to request, used in rotation. Real tokens and client addresses vary, so identical requests
   * would favour servers with a one-entry cache.
   * @default - all requests are identical
   */
  readonly variations?: readonly Readonly<Record<string, string>>[];
  /** The number of concurrent connections. @default - 16 */
  readonly connections?: number;
}

/** The headers of the first request. */
export function firstHeaders({ headers, variations: [first] = [] }: LoadRequest): Readonly<Record<string, string>> {
  return { ...headers, ...first };
}

/** The result of one load run. */
export interface Load {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly latencyMs: readonly [p50: number, p99: number];
}

/** The load generator wrk, a small C program that is fast enough to keep a server busy. The report shows whether it did. */
export interface LoadGenerator {
  readonly description: string;
  /**
   * Repeats one request over keep-alive connections.
   * @param statusOk whether a status of 400 or more is a failure. @default - true
   * @throws Error when any response failed, so that no figure is based on errors
   */
  run(url: string, request: LoadRequest, seconds: number, statusOk?: boolean): Promise<Load>;
}

/** The default number of connections. */
const defaultConnections = 16;

/** wrk on one processor core. @throws Problem TOOL-MISSING when it is not installed */
export async function loadGenerator(core: number): Promise<LoadGenerator> {
  // wrk prints its version and then fails, because there is no URL.
  const [version] = /^wrk \S+/.exec((await endingOf('wrk', ['-v'])).stdout) ?? [];
  return {
    description: `${version}, 1 thread, ${defaultConnections} keep-alive connections, core ${core}`,
    async run(url, request, seconds, statusOk = true) {
      const { connections = defaultConnections } = request;
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
    ...(variations.length > 0 ? rotating(variations) : []),
    'done = function(summary, latency)',
    '  local e = summary.errors',
    '  local broken = e.connect + e.read + e.write + e.timeout',
    '  local line = "RESULT %d %d %d %d %f %f\\n"',
    '  local p50, p99 = latency:percentile(50) / 1000, latency:percentile(99) / 1000',
    '  io.write(line:format(summary.requests, summary.duration, e.status, broken, p50, p99))',
    'end',
  ].join('\n');
}

/** Prepares all variations before the load starts, so that it is not part of the measurement. */
function rotating(variations: NonNullable<LoadRequest['variations']>): readonly string[] {
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
  if (requests === 0) throw new Error(`The load generator received no response\n${output}`);
  if (broken > 0 || (statusOk && refused > 0)) {
    throw new Error(`${refused} of ${requests} responses had an error status, and ${broken} connections broke`);
  }
  if (!statusOk && refused !== requests) throw new Error(`Only ${refused} of ${requests} requests were rejected`);
  return { requests, requestsPerSecond: (requests / microseconds) * 1e6, latencyMs: [p50Ms, p99Ms] };
}
