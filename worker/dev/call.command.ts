import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { firstForm, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { usageText } from '../../cli/usage';
import { Problem } from '../../model/problem';
import { contract } from '../contract';
import { builtHere, theServer } from './built-here';
import { serverMeant, workerUrl } from './call-target';
import { devAddresses, knownDevSecret } from './dev-state';
import { authorizationFor, catalogueFrom, engineBody, toolIn } from './engine-call';
import { type Given, givenIn } from './given';

const usage = usageText({
  forms: { 'npm run call -- [<server>] <tool> [name=value …]': 'calls a tool of a running worker, as the engine does' },
  flags: {
    '--user <id>': 'who calls; user@example.com by default',
    '--secret <KEY>': 'a secret that the tool requires, from the variable of this name; repeatable',
    '--token <VARIABLE>': 'the OAuth token that the tool requires, from this variable',
    '--url <url>': `the worker; by default where npm run dev listens, or port ${contract.env.port} on this machine`,
    '--json': 'the whole answer',
  },
  notes: [
    'Leave the server out when only one is built here. A value is text, or JSON where it begins with { or [ and the parameter is not text. ' +
      'filter.city=… sets a field, tags[]=… adds to a list, limit:=… is always JSON, text=@<file> is the content of a file (bytes as Base64; @@ for a literal @). Or give all of them as one JSON object.',
    'What a tool requires is also taken from TOOL_SECRET_<KEY> and TOOL_TOKEN_<PROVIDER>, as npm run dev does. ' +
      `The worker secret is ${contract.env.secret}, or the one of npm run dev in this checkout.`,
    'Exits with 0 when the call succeeded, 1 when it failed or could not be made.',
  ],
  examples: [
    'npm run call -- weather forecast city=Oslo',
    "npm run call -- search filter.city=Oslo filter.tags[]=a 'limit:=null'",
    'npm run call -- search \'filter={"tags":["a"]}\' text=@query.txt',
    'npm run call -- search \'{"text":"a","limit":3}\'',
    'API_KEY=… npm run call -- my_tool --secret API_KEY',
    'TOKEN=… npm run call -- my_tool --token TOKEN --user me@example.com',
  ],
});

void runCommand({
  usage,
  options: {
    secret: { type: 'string', multiple: true },
    token: { type: 'string' },
    user: { type: 'string', default: 'user@example.com' },
    url: { type: 'string' },
  },
  async run({ secret: keys = [], token, user, url: given, json }, words) {
    if (words.length === 0) throw new Problem('USAGE', 'Cannot call: no tool is named', { fix: firstForm(usage) });
    const [first = ''] = words;
    // Only this server, so that problems of its folder are reported.
    const servers = builtHere(root, existsSync(join(root, 'servers', first)) ? [first] : []);
    // Throws: there is no server.
    if (servers.length === 0) theServer(root, undefined);
    const { server, rest } = serverMeant(servers, words);
    const [name, ...inputs] = rest;
    if (name === undefined) {
      const fix = `choose one of: ${server.toolkit.tools.join(', ')}`;
      throw new Problem('USAGE', `Cannot call: no tool of ${server.name} is named`, { fix });
    }
    const spendable = givenBy(keys, token);
    const url = workerUrl(given, server.name, devAddresses(root), process.env);
    const headers = { authorization: authorizationFor(workerSecret()), 'content-type': 'application/json' };
    const catalogue = catalogueFrom(await textFrom(url, contract.paths.tools, { headers }));
    const tool = toolIn(catalogue, name, server.toolkit.name);
    const body = engineBody(tool, { tool: name, inputs, userId: user, given: spendable });
    const text = await textFrom(url, contract.paths.invoke, { method: 'POST', headers, body });
    const { success, output } = JSON.parse(text);
    if (json) console.log(text);
    else if (success)
      console.log(typeof output.value === 'string' ? output.value : JSON.stringify(output.value, null, 2));
    else console.error([output.error.message, output.error.developer_message].filter(Boolean).join('\n'));
    return success ? 0 : 1;
  },
});

async function textFrom(url: string, path: string, request: RequestInit): Promise<string> {
  const answer = await fetch(new URL(path, url), request).catch((cause: Error) => {
    throw new Problem('UNREACHABLE', `Cannot reach the worker at ${url}`, {
      fix: 'start it with `npm run dev`; if it runs, its output says why',
      cause,
    });
  });
  const text = await answer.text();
  if (answer.status === 200) return text;
  throw new Problem('UNREACHABLE', `Cannot call: the worker answered ${answer.status}: ${text}`, {
    fix:
      answer.status === 401
        ? 'it was started with another secret: set ARCADE_WORKER_SECRET to that one'
        : 'read its log',
  });
}

/** Variables named by flags take precedence over TOOL_SECRET_* and TOOL_TOKEN_*. */
function givenBy(keys: readonly string[], tokenVariable: string | undefined): Given {
  const found = givenIn(process.env);
  const secrets = new Map(
    keys.map((key) => {
      const value = process.env[key];
      if (value === undefined) throw noVariable(`the secret "${key}"`, `put ${key}=… in front of the command`);
      return [key.toLowerCase(), value];
    }),
  );
  const token = tokenVariable === undefined ? undefined : process.env[tokenVariable];
  if (tokenVariable !== undefined && token === undefined) {
    // The argument may be the token itself, so it is not repeated.
    throw noVariable('the token', 'write it as TOKEN=… npm run call -- <tool> --token TOKEN');
  }
  return {
    secretOf: (key) => secrets.get(key.toLowerCase()) ?? found.secretOf(key),
    tokenOf: (authorization) => token ?? found.tokenOf(authorization),
  };
}

function noVariable(what: string, fix: string): Problem {
  return new Problem('SECRET-INPUT', `Cannot send ${what}: no variable has this name`, { fix });
}

function workerSecret(): string {
  const secret = process.env[contract.env.secret] ?? knownDevSecret(root);
  if (secret !== undefined) return secret;
  throw new Problem('SECRET-INPUT', 'Cannot sign a token: there is no worker secret', {
    fix: `set ${contract.env.secret}, or run \`npm run dev\` once`,
  });
}
