import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { contract } from './contract';
import { engineRequest, unknownTool, workerUrl } from './engine-call';
import { toolkit } from './toolkit';

const usage = `npm run call -- <tool> [name=value …] [--user <id>] [--url <worker>] [--json]

  npm run call -- whoami --user user@example.com
  npm run call -- add a=2 b=3

The secret is ARCADE_WORKER_SECRET, or else the one of \`npm run dev\` in this checkout.
--url defaults to http://127.0.0.1:${contract.port}. --json prints the whole answer.`;

/** Calls a running worker as the engine would. Exit codes: 0 the call succeeded, 1 it failed or could not be made. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
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
  const request = engineRequest({ tool, inputs, userId: values.user }, { secret: secret(), toolkitName: toolkit.name });
  const answer = await fetch(new URL(contract.paths.invoke, url), request).catch((cause: Error) => {
    throw new Error(`Cannot reach the worker at ${url}: start it with \`npm run dev\``, { cause });
  });
  const text = await answer.text();
  if (answer.status === 404) {
    const { authorization } = request.headers;
    const tools = await fetch(new URL(contract.paths.tools, url), { headers: { authorization } });
    if (tools.status === 200) throw new Error(unknownTool(tool, JSON.parse(await tools.text())));
  }
  if (answer.status !== 200) throw new Error(`The worker answered ${answer.status}: ${text}`);
  const { success, output } = JSON.parse(text);
  if (values.json) console.log(text);
  else if (success)
    console.log(typeof output.value === 'string' ? output.value : JSON.stringify(output.value, null, 2));
  else console.error([output.error.message, output.error.developer_message].filter(Boolean).join('\n'));
  return success ? 0 : 1;
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
