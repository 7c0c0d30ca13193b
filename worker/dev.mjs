// `npm run dev`: the worker on this machine, restarted when a source changes, under a secret made for this checkout.
// `npm run dev -- --engine`: a stand-in engine beside it, which calls the worker as the real one will.
import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const secret = process.env.ARCADE_WORKER_SECRET ?? devSecret(join(root, '.cache', 'dev-worker-secret'));
const port = process.env.ARCADE_SERVER_PORT ?? '8000';
const environment = {
  ARCADE_SERVER_TRANSPORT: 'http',
  ARCADE_SERVER_PORT: port,
  WORKER_DRAIN_SECONDS: '0',
  ...process.env,
  ARCADE_WORKER_SECRET: secret,
};

let worker;
let isBusy = false;
let hasChanged = false;
let hasGreeted = false;

function onChange(_event, file) {
  if (file !== null && /(?<!\.test)\.ts$/.test(file)) refresh();
}

watch(join(root, 'worker'), { recursive: true }, onChange);
// The recursive watcher of Node 20 does not notice when a file goes that came after it.
watch(join(root, 'worker', 'tools'), onChange);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().then(() => process.exit(0)));
await refresh();

/** Builds and restarts. Changes that arrive meanwhile are built in one further go. */
async function refresh() {
  hasChanged = true;
  if (isBusy) return;
  isBusy = true;
  while (hasChanged) {
    hasChanged = false;
    try {
      const file = await bundle();
      await stop();
      start(file);
    } catch {
      // esbuild has already said which line is wrong. The worker of before goes on.
    }
  }
  isBusy = false;
}

function start(file) {
  worker = spawn(process.execPath, ['--enable-source-maps', file], { env: environment, stdio: 'inherit' });
  if (hasGreeted) return;
  hasGreeted = true;
  greet();
  if (process.argv.includes('--engine')) startEngine();
}

/** A program of its own: the worker knows nothing of what calls it. It ends with this one, whose terminal it shares. */
function startEngine() {
  const args = ['gitops/engine/engine.command.ts', '--worker', `dev=http://127.0.0.1:${port}`];
  spawn(process.execPath, [join(root, 'cli/run.mjs'), ...args], { env: environment, stdio: 'inherit' });
}

async function stop() {
  if (worker === undefined || worker.exitCode !== null || worker.signalCode !== null) return;
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.kill('SIGTERM');
  await ended;
}

function greet() {
  const url = `http://127.0.0.1:${port}`;
  const config = JSON.stringify({ mcpServers: { dev: { type: 'http', url: `${url}/mcp` } } });
  console.log(`
The worker restarts when a source changes. Its secret, kept in .cache for this checkout: ${secret}

As the engine:
  npm run call -- whoami
  curl -s ${url}/worker/tools -H 'Authorization: Bearer ${token()}'

As an MCP client:
  npx @modelcontextprotocol/inspector --cli ${url}/mcp --transport http --method tools/list
  ${config}

In a browser: ${url}/
`);
}

/** A token as the engine signs them, good for twelve hours. */
function token() {
  const now = Math.floor(Date.now() / 1000);
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { aud: 'worker', ver: '1', iat: now, exp: now + 12 * 3600 };
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
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
