// `npm run dev`: the worker on this machine, restarted when a source changes, under a secret made for this checkout.
// `npm run dev -- --engine`: a stand-in engine beside it, which calls the worker as the real one will.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import jwt from 'jsonwebtoken';
import { bundle } from '../build.mjs';
import { readFlags } from './flags.mjs';

const flags = readFlags(
  ['--engine'],
  `npm run dev [-- --engine]

The worker on this machine, restarted when a source changes, until Ctrl-C.
    --engine   a stand-in engine beside it, which calls the worker as the real one will
It listens on ARCADE_SERVER_PORT, 8000 by default; metrics and probes on WORKER_OPERATIONS_PORT, 9090 by default.
Its secret is ARCADE_WORKER_SECRET, or one is made once for this checkout and kept in .cache.`,
);

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const secret = process.env.ARCADE_WORKER_SECRET ?? devSecret(join(root, '.cache', 'dev-worker-secret'));
const environment = {
  ARCADE_SERVER_TRANSPORT: 'http',
  WORKER_DRAIN_SECONDS: '0',
  ...process.env,
  ARCADE_WORKER_SECRET: secret,
};

let worker;
let engine;
let settled;
let isBusy = false;
let hasChanged = false;
let hasGreeted = false;
let isEnding = false;

/** One save is told several times, and by both watchers. */
function onChange(_event, file) {
  if (file === null || !/(?<!\.test)\.ts$/.test(file)) return;
  clearTimeout(settled);
  settled = setTimeout(refresh, 100);
}

watch(join(root, 'worker'), { recursive: true }, onChange);
// The recursive watcher of Node 20 does not notice when a file goes that came after it.
watch(join(root, 'worker', 'tools'), onChange);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => end(0));
// Whatever else ends this process: nothing of it goes on listening.
process.on('exit', () => {
  for (const child of [worker, engine]) if (isRunning(child)) child.kill('SIGKILL');
});
await refresh();

/** Builds and restarts. Changes that arrive meanwhile are built in one further go. */
async function refresh() {
  hasChanged = true;
  if (isBusy) return;
  isBusy = true;
  while (hasChanged && !isEnding) {
    hasChanged = false;
    const file = await built();
    if (file === undefined) continue;
    await stop(worker);
    if (!isEnding) start(file);
  }
  isBusy = false;
}

/** The file of the bundle. Undefined when a source cannot be read: esbuild has said which line is wrong. */
async function built() {
  try {
    return await bundle();
  } catch {
    console.error(
      isRunning(worker)
        ? 'The worker of before goes on; it restarts when the source is right.'
        : 'The worker starts when the source is right.',
    );
    return undefined;
  }
}

function start(file) {
  const child = spawn(process.execPath, ['--enable-source-maps', file], {
    env: environment,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  worker = child;
  child.once('message', (listening) => {
    if (hasGreeted) return;
    hasGreeted = true;
    greet(listening);
    if (flags.has('--engine')) startEngine(listening);
  });
  child.once('exit', (code) => {
    if (isEnding || !code) return;
    // It has said why. A worker that never listened will not without a change outside the sources, or of a wrong tool.
    if (hasGreeted) console.error('The worker has ended; it starts again when a source changes.');
    else end(1);
  });
}

/** A program of its own: the worker knows nothing of what calls it. */
function startEngine({ url }) {
  const args = ['testing/fake-engine/engine.command.ts', '--worker', `dev=${url}`];
  engine = spawn(process.execPath, [join(root, 'cli/run.mjs'), ...args], { env: environment, stdio: 'inherit' });
  engine.once('exit', (code) => {
    if (!isEnding && code) console.error('The stand-in engine has ended; the worker goes on without it.');
  });
}

/** Ends with everything that was started. */
async function end(code) {
  isEnding = true;
  await Promise.all([stop(worker), stop(engine)]);
  process.exit(code);
}

async function stop(child) {
  if (!isRunning(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

function isRunning(child) {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

function greet({ url, operationsUrl }) {
  const config = JSON.stringify({ mcpServers: { dev: { type: 'http', url: `${url}/mcp` } } });
  const call = url === 'http://127.0.0.1:8000' ? 'npm run call -- whoami' : `npm run call -- whoami --url ${url}`;
  console.log(`
The worker listens at ${url} (ARCADE_SERVER_PORT), metrics and probes at ${operationsUrl} (WORKER_OPERATIONS_PORT).
It restarts when a source changes. Its secret${process.env.ARCADE_WORKER_SECRET === undefined ? ', kept in .cache for this checkout' : ''}: ${secret}

As the engine:
  ${call}
  curl -s ${url}/worker/tools -H 'Authorization: Bearer ${token()}'

As an MCP client:
  npx @modelcontextprotocol/inspector --cli ${url}/mcp --transport http --method tools/list
  ${config}

In a browser: ${url}/
`);
}

/** A token as the engine signs them, good for twelve hours. */
function token() {
  return jwt.sign({ ver: '1' }, secret, { algorithm: 'HS256', audience: 'worker', expiresIn: '12h' });
}

function devSecret(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The first start in this checkout.
    const made = randomBytes(24).toString('base64url');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, made, { mode: 0o600 });
    return made;
  }
}
