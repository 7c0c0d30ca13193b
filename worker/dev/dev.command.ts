import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import jwt from 'jsonwebtoken';
import { isNpmScript, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { table } from '../../cli/table';
import { usageText } from '../../cli/usage';
import { Problem } from '../../model/problem';
import { contract } from '../contract';
import { benchPath, benchVariable } from './bench-route';
import { type BuiltHere, builtHere, theServer } from './built-here';
import { callLine } from './call-line';
import { devAddresses, devSecret, noteDevAddresses } from './dev-state';
import { type Addresses, DevWorker, type Started } from './dev-worker';
import { readableLine } from './log-lines';
import { checkPortsFree } from './taken-ports';

const { env, token } = contract;

void runCommand({
  usage: usageText({
    forms: {
      'npm run dev [-- <server>]': 'runs the worker of a server here, and restarts it when a source changes',
      'npm run dev -- --all': 'runs every server with tools/, each on its own ports',
    },
    flags: {
      '--all': 'every server with tools/',
      '--engine': 'also runs a fake engine that calls the worker as the real one does',
      '--engine-port <port>': 'its port; 9099 by default',
    },
    notes: [
      `It listens on ${env.port}, ${contract.port} by default; metrics and probes on WORKER_OPERATIONS_PORT, ${contract.operationsPort} by default. With --all, each further server takes the next port.`,
      `The secret is ${env.secret}; without it, one is generated for this checkout and kept in .cache. What tools require is taken from TOOL_SECRET_<KEY> and TOOL_TOKEN_<PROVIDER>.`,
      'A terminal shows a readable log, a pipe gets JSON. Ctrl-C stops it.',
    ],
    examples: ['npm run dev -- weather --engine', 'TOOL_SECRET_API_KEY=… npm run dev'],
  }),
  options: { all: { type: 'boolean' }, engine: { type: 'boolean' }, 'engine-port': { type: 'string' } },
  async run({ all, engine: wantsEngine, 'engine-port': enginePort }, [name]) {
    const every = builtHere(root);
    const servers = all ? every : [theServer(root, name)];
    if (servers.length === 0)
      throw new Problem('USAGE', 'Cannot run a server: none has tools/', { fix: 'npm run new -- server <name>' });
    const wanted = servers.flatMap((_server, index) => portsOf(index));
    const others = Object.values(devAddresses(root));
    await checkPortsFree(process.env[env.host] ?? '127.0.0.1', wanted, others, every.length > servers.length);
    const secret = process.env[env.secret] ?? devSecret(root);
    const workers = servers.map((server, index) => workerOf(server, index, secret));
    let engine: ChildProcess | undefined;
    const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => once(process, signal));
    const signalled = Promise.race<unknown>(isNpmScript() ? [...signals, parentGone()] : signals);
    // However this process ends, nothing of it keeps listening.
    process.once('exit', () => {
      for (const worker of workers) worker.kill();
      engine?.kill('SIGKILL');
    });
    watchSources(workers);
    await Promise.all(workers.map((worker) => worker.refresh()));
    const started = Promise.all(workers.map((worker) => worker.listening));
    const addresses = await Promise.race([started, signalled.then(() => undefined)]);
    // A worker that never listened needs a change outside the sources, such as a free port.
    if (addresses?.includes(undefined)) return stopped(workers, 1);
    if (addresses !== undefined) {
      const found = addresses.flatMap((address) => address ?? []);
      noteDevAddresses(root, Object.fromEntries(found.map(({ url }, index) => [workers[index]?.name ?? '', url])));
      greet(servers, found, secret, every.length > 1);
      if (wantsEngine || enginePort !== undefined) engine = startEngine(workers, found, secret, enginePort);
      await signalled;
    }
    engine?.kill('SIGTERM');
    return stopped(workers, 0);
  },
});

function workerOf({ name }: BuiltHere, index: number, secret: string): DevWorker {
  const environment = {
    [env.transport]: 'http',
    WORKER_DRAIN_SECONDS: '0',
    ...process.env,
    [benchVariable]: join(root, 'worker/dev/bench'),
    [env.secret]: secret,
    ...Object.fromEntries(portsOf(index).map(({ variable, port }) => [variable, String(port)])),
  };
  // Readable on a terminal; a pipe gets the JSON of an image.
  const show = process.stdout.isTTY ? (line: string) => console.log(readableLine(line)) : undefined;
  return new DevWorker({ root, name, environment, say: (line) => console.error(line), show });
}

/** The ports of one of the workers. Port 0 means any free port, for every worker. */
function portsOf(index: number) {
  const first = { [env.port]: contract.port, WORKER_OPERATIONS_PORT: contract.operationsPort };
  return Object.entries(first).map(([variable, standard]) => {
    const port = process.env[variable] ?? standard;
    return { variable, port: Number(port) > 0 ? Number(port) + index : port };
  });
}

/** Resolves when the parent process has ended. npm passes a signal only to its shell, which ends without passing it on (npm 11.19). */
async function parentGone(): Promise<void> {
  const { ppid } = process;
  for await (const _tick of setInterval(250, undefined, { ref: false })) if (process.ppid !== ppid) return;
}

/** Restarts workers after a change. One save causes several events, and a file of worker/ concerns every server. */
function watchSources(workers: readonly DevWorker[]): void {
  let settled: NodeJS.Timeout | undefined;
  const changed = new Set<DevWorker>();
  const onChange = (affected: readonly DevWorker[]) => (_event: string, file: string | null) => {
    if (file === null || !/(?<!\.test)\.ts$/.test(file)) return;
    for (const worker of affected) changed.add(worker);
    clearTimeout(settled);
    settled = setTimeout(() => {
      for (const worker of changed) void worker.refresh();
      changed.clear();
    }, 100);
  };
  watch(join(root, 'worker'), { recursive: true }, onChange(workers));
  for (const worker of workers) {
    const folder = join(root, 'servers', worker.name);
    watch(folder, { recursive: true }, onChange([worker]));
    // The recursive watcher of Node 20 misses the removal of files that were added after it started.
    watch(join(folder, 'tools'), onChange([worker]));
  }
}

/** Runs in its own process: the worker does not depend on its caller. */
function startEngine(
  workers: readonly DevWorker[],
  addresses: readonly Addresses[],
  secret: string,
  port: string | undefined,
): ChildProcess {
  const args = addresses.flatMap(({ url }, index) => ['--worker', `${workers[index]?.name}=${url}`]);
  if (port !== undefined) args.push('--port', port);
  const command = [join(root, 'cli/run.mjs'), 'testing/fake-engine/engine.command.ts', ...args];
  const engine = spawn(process.execPath, command, { env: { ...process.env, [env.secret]: secret }, stdio: 'inherit' });
  engine.once('exit', (code) => {
    if (code) console.error('The fake engine exited; the worker keeps running.');
  });
  return engine;
}

async function stopped(workers: readonly DevWorker[], code: number): Promise<number> {
  await Promise.all(workers.map((worker) => worker.stop()));
  process.exit(code);
}

function greet(servers: readonly BuiltHere[], addresses: readonly Started[], secret: string, isNamed: boolean): void {
  const rows = servers.map(({ name }, index) => [
    name,
    addresses[index]?.url ?? '',
    `${addresses[index]?.url}${contract.paths.mcp}`,
    addresses[index]?.operationsUrl ?? '',
  ]);
  const [{ name } = { name: '' }] = servers;
  const [{ url, example } = { url: '' }] = addresses;
  const endpoint = `${url}${contract.paths.mcp}`;
  const clients = (settings: object) => JSON.stringify({ mcpServers: { [name]: settings } });
  const args = [join(root, 'cli/run.mjs'), 'worker/dev/start.command.ts', name];
  const overStdio = clients({ command: 'node', args, env: { [env.transport]: 'stdio' } });
  // A secret from the environment may be a real one: neither it nor a token signed with it is printed.
  const isMade = process.env[env.secret] === undefined;
  const call = example && callLine(example, isNamed ? name : undefined);
  console.log(`
${table(['server', 'worker and page', 'MCP', 'metrics and probes'], rows)}

It restarts when a source changes. ${isMade ? `Its secret, kept in .cache: ${secret}` : `Its secret is ${env.secret}.`}

As the engine:
  ${call ?? 'npm run call -- --help'}${isMade ? `\n  curl -s ${url}${contract.paths.tools} -H 'Authorization: Bearer ${engineToken(secret)}'` : ''}

As an MCP client:
  npx @modelcontextprotocol/inspector --cli ${endpoint} --transport http --method tools/list
  claude mcp add --transport http ${name} ${endpoint}
  ${clients({ type: 'http', url: endpoint })}
A client that starts the worker over stdio, from any folder:
  ${overStdio}

Tools get their secrets from TOOL_SECRET_<KEY> and TOOL_TOKEN_<PROVIDER>. Everything that reaches the port on this machine can
use them: every user, localhost page and proxy. Do not forward the port.

In a browser, to try a tool: ${url}${benchPath}
In a browser, the server's public page: ${url}/
`);
}

/** A token as the engine signs it, valid for twelve hours. */
function engineToken(secret: string): string {
  const { algorithm, audience, version } = token;
  return jwt.sign({ ver: version }, secret, { algorithm, audience, expiresIn: '12h' });
}
