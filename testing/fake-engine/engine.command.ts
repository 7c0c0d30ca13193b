import { readFileSync } from 'node:fs';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { usageText } from '../../cli/usage';
import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { devApiKey } from '../../worker/dev/dev-state';
import { givenIn } from '../../worker/dev/given';
import { startEngine } from './fake-engine';

const usage = usageText({
  forms: {
    'node cli/run.mjs testing/fake-engine/engine.command.ts':
      'runs a fake of a self-hosted Arcade engine on this machine, until Ctrl-C',
  },
  flags: {
    '--worker <id>=<url>': "a worker of the engine's file, called at any address; repeatable",
    '--port <port>': 'the port of its API; 9099 by default',
    '--allowlisted <entry>': 'an entry of ssrfAllowlist; repeatable',
    '--resolver <address>': "the name server to ask instead of the system's",
    '--ca <file>': 'trusts another certificate authority; repeatable',
  },
  notes: [
    `The secret of the workers is ${contract.env.secret}. The API key is ARCADE_API_KEY; without it, one is generated for this checkout and kept in .cache. What tools require is taken from TOOL_SECRET_<KEY> and TOOL_TOKEN_<PROVIDER>.`,
  ],
  examples: ['npm run dev -- --engine'],
});

void runCommand({
  usage,
  options: {
    worker: { type: 'string', multiple: true },
    port: { type: 'string' },
    allowlisted: { type: 'string', multiple: true },
    resolver: { type: 'string' },
    ca: { type: 'string', multiple: true },
  },
  async run(flags) {
    const secret = process.env[contract.env.secret];
    const workers = (flags.worker ?? []).map(workerFrom);
    if (workers.length > 0 && secret === undefined) {
      throw new Problem('SECRET-INPUT', `Cannot call workers: ${contract.env.secret} is not set`, {
        fix: "set it to the worker's secret",
      });
    }
    const apiKey = process.env.ARCADE_API_KEY ?? devApiKey(root);
    const port = portFrom(flags.port ?? '9099');
    const engine = await startEngine({
      apiKey,
      port,
      // To test the tools themselves: no shorter timeout than theirs, and no retries.
      fileWorkers: workers.map((worker) => ({
        ...worker,
        secret: secret ?? '',
        timeout: contract.call.maxTimeoutSeconds,
        retry: 0,
      })),
      allowlist: flags.allowlisted ?? [],
      resolver: flags.resolver,
      authorities: (flags.ca ?? []).map((path) => readFileSync(path, 'utf8')),
      given: givenIn(process.env),
      say: (line) => process.stderr.write(`engine: ${line}\n`),
    }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') throw cause;
      throw new Problem('USAGE', `Cannot listen on 127.0.0.1 port ${port}: it is in use`, {
        fix: 'stop that program, or choose another port: --port here, --engine-port with `npm run dev`',
        cause,
      });
    });
    if (flags.json) console.log(JSON.stringify({ url: engine.url, ...(process.env.ARCADE_API_KEY ? {} : { apiKey }) }));
    else console.log(greeting(engine.url, process.env.ARCADE_API_KEY === undefined ? apiKey : '$ARCADE_API_KEY'));
    await new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
    });
    await engine.close();
    return 0;
  },
});

function workerFrom(text: string) {
  const [, id, uri] = /^([^=]+)=(https?:\/\/.+)$/.exec(text) ?? [];
  if (id !== undefined && uri !== undefined && URL.canParse(uri)) return { id, uri };
  throw new Problem('USAGE', `Cannot read --worker "${text}"`, { fix: 'write it as dev=http://127.0.0.1:8000' });
}

function portFrom(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Problem('USAGE', `Cannot listen on port "${text}"`, { fix: 'write a number from 0 to 65535' });
}

function greeting(url: string, key: string): string {
  return `The fake engine answers at ${url}; its API key is ${key}

  curl -s ${url}/v1/tools -H 'Authorization: ${key}'
  curl -s ${url}/v1/tools/execute -H 'Authorization: ${key}' -H 'Content-Type: application/json' \\
    -d '{"tool_name": "MyServer.MyTool", "user_id": "user@example.com"}'
  ARCADE_API_KEY=${key} npm run register -- <server> --engine ${url}`;
}
