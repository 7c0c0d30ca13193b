import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { contract } from '../contract';
import { toolkit } from '../toolkit';
import { engineRequest, unknownTool, workerUrl } from './engine-call';

const usage = `npm run call -- <tool> [name=value …] [--user <id>] [--secret <KEY>] [--url <worker>] [--json]

  npm run call -- whoami --user user@example.com
  npm run call -- add a=2 b=3
  npm run call -- search 'filter={"tags":["a"]}'   a value that begins with { or [ is JSON
  KEY=… npm run call -- my_tool --secret KEY       a secret that the tool requires, out of the environment

The secret is ARCADE_WORKER_SECRET, or else the one of \`npm run dev\` in this checkout.
--url defaults to http://127.0.0.1:${contract.port}. --json prints the whole answer.`;

/** Calls a running worker as the engine would. Exit codes: 0 the call succeeded, 1 it failed or could not be made. */
async function main(): Promise<number> {
  const { values, positionals } = parsed({
    allowPositionals: true,
    options: {
      secret: { type: 'string', multiple: true, default: [] },
      user: { type: 'string', default: 'user@example.com' },
      url: { type: 'string', default: `http://127.0.0.1:${contract.port}` },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [tool, ...inputs] = positionals;
  if (values.help || tool === undefined) {
    console.log(usage);
    return values.help ? 0 : 1;
  }
  const url = workerUrl(values.url);
  const secrets = Object.fromEntries(values.secret.map((key) => [key, fromEnvironment(key)]));
  const asked = { tool, inputs, userId: values.user, secrets };
  const request = engineRequest(asked, { secret: secret(), toolkitName: toolkit.name });
  const answer = await fetch(new URL(contract.paths.invoke, url), request).catch((cause: Error) => {
    throw new Error(`Cannot reach the worker at ${url}: start it with \`npm run dev\`; where that runs, it says why`, {
      cause,
    });
  });
  const text = await answer.text();
  if (answer.status === 404) {
    const { authorization } = request.headers;
    const tools = await fetch(new URL(contract.paths.tools, url), { headers: { authorization } });
    if (tools.status === 200) throw new Error(unknownTool(tool, JSON.parse(await tools.text())));
  }
  if (answer.status === 401) throw new Error(`The worker answered 401: ${text}; it was started with another secret`);
  if (answer.status !== 200) throw new Error(`The worker answered ${answer.status}: ${text}`);
  const { success, output } = JSON.parse(text);
  if (values.json) console.log(text);
  else if (success)
    console.log(typeof output.value === 'string' ? output.value : JSON.stringify(output.value, null, 2));
  else console.error([output.error.message, output.error.developer_message].filter(Boolean).join('\n'));
  return success ? 0 : 1;
}

/** @throws Error that says how to call, for flags that are not known */
const parsed: typeof parseArgs = (config) => {
  try {
    return parseArgs(config);
  } catch (cause) {
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('. ', 1);
    throw new Error(`Cannot read the command line: ${reason}\n\n${usage}`, { cause });
  }
};

function fromEnvironment(key: string): string {
  const value = process.env[key];
  if (value !== undefined) return value;
  throw new Error(`Cannot send the secret "${key}": there is no variable of this name in the environment`);
}

function secret(): string {
  if (process.env.ARCADE_WORKER_SECRET) return process.env.ARCADE_WORKER_SECRET;
  try {
    return readFileSync('.cache/dev-worker-secret', 'utf8');
  } catch (cause) {
    throw new Error('Cannot sign a token: set ARCADE_WORKER_SECRET, or run `npm run dev` once', { cause });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
