import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { Problem } from '../../model/problem';
import { contract } from '../contract';
import { type BuiltHere, builtHere, theServer } from './built-here';
import { devAddresses, knownDevSecret } from './dev-state';
import { engineRequest, unknownTool, workerUrl } from './engine-call';

const usage = `npm run call -- [<server>] <tool> [name=value …]    calls a running worker as the engine would

  npm run call -- whoami --user user@example.com
  npm run call -- weather forecast city=Oslo
  npm run call -- search 'filter={"tags":["a"]}'   a value that begins with { or [ is JSON
  KEY=… npm run call -- my_tool --secret KEY       a secret that the tool requires, out of the environment

The server may be left out while one is built here. The secret is ${contract.env.secret}, or else the one of
\`npm run dev\` in this checkout. --url defaults to where \`npm run dev\` listens. --json prints the whole answer.
Exits with 0 when the call succeeded, 1 when it failed or could not be made.`;

void runCommand({
  usage,
  options: {
    secret: { type: 'string', multiple: true },
    user: { type: 'string', default: 'user@example.com' },
    url: { type: 'string' },
  },
  async run({ secret: keys = [], user, url: given, json }, names) {
    const { server, rest } = serverIn(names);
    const [tool, ...inputs] = rest;
    if (tool === undefined) throw new Problem('USAGE', 'Cannot call: no tool is named', { fix: usage });
    const url = workerUrl(given ?? devAddresses(root)[server.name] ?? `http://127.0.0.1:${contract.port}`);
    const secrets = Object.fromEntries(keys.map((key) => [key, fromEnvironment(key)]));
    const asked = { tool, inputs, userId: user, secrets };
    const request = engineRequest(asked, { secret: workerSecret(), toolkitName: server.toolkit.name });
    const text = await answerOf(url, request, tool);
    const { success, output } = JSON.parse(text);
    if (json) console.log(text);
    else if (success)
      console.log(typeof output.value === 'string' ? output.value : JSON.stringify(output.value, null, 2));
    else console.error([output.error.message, output.error.developer_message].filter(Boolean).join('\n'));
    return success ? 0 : 1;
  },
});

/** The first word is a server when a folder has its name; a tool otherwise. */
function serverIn([first, ...rest]: readonly string[]): { server: BuiltHere; rest: readonly string[] } {
  if (first !== undefined && existsSync(join(root, 'servers', first))) {
    const [server] = builtHere(root, [first]);
    if (server !== undefined) return { server, rest };
  }
  return { server: theServer(root, undefined), rest: first === undefined ? [] : [first, ...rest] };
}

async function answerOf(url: string, request: ReturnType<typeof engineRequest>, tool: string): Promise<string> {
  const answer = await fetch(new URL(contract.paths.invoke, url), request).catch((cause: Error) => {
    throw new Problem('UNREACHABLE', `Cannot reach the worker at ${url}`, {
      fix: 'start it with `npm run dev`; where that runs, it says why',
      cause,
    });
  });
  const text = await answer.text();
  if (answer.status === 200) return text;
  if (answer.status === 404) {
    const { authorization } = request.headers;
    const tools = await fetch(new URL(contract.paths.tools, url), { headers: { authorization } });
    if (tools.status === 200) throw unknownTool(tool, JSON.parse(await tools.text()));
  }
  throw new Problem('UNREACHABLE', `Cannot call "${tool}": the worker answered ${answer.status}: ${text}`, {
    fix:
      answer.status === 401
        ? 'it was started with another secret: set ARCADE_WORKER_SECRET to that'
        : 'look at its log',
  });
}

function fromEnvironment(key: string): string {
  const value = process.env[key];
  if (value !== undefined) return value;
  throw new Problem('SECRET-INPUT', `Cannot send the secret "${key}": there is no variable of this name`, {
    fix: `put ${key}=… in front of the command`,
  });
}

function workerSecret(): string {
  const secret = process.env[contract.env.secret] ?? knownDevSecret(root);
  if (secret !== undefined) return secret;
  throw new Problem('SECRET-INPUT', 'Cannot sign a token: there is no worker secret', {
    fix: `set ${contract.env.secret}, or run \`npm run dev\` once`,
  });
}
