import type { Flags } from '../../cli/command';
import { root } from '../../cli/root';
import { nearest } from '../../model/nearest';
import { pickPlatform, readPlatforms } from '../../model/platforms';
import { Problem, stopOnErrors } from '../../model/problem';
import { pickOn, readServers } from '../../model/servers';
import type { Server } from '../../model/spec';
import { readAuthority } from '../http/authority';
import { publishedTools, type ToolSources } from '../tools/published';
import { isNamed } from './catalogue';
import { type StepName, stepNames } from './step';

/** Flags for how to reach a server. `register` has them too, because it verifies first. */
export const worldFlags = {
  platform: { type: 'string' },
  'secret-file': { type: 'string' },
  'secret-env': { type: 'string' },
  'trim-newline': { type: 'boolean' },
  resolver: { type: 'string', multiple: true },
  allowlisted: { type: 'string', multiple: true },
  'connect-to': { type: 'string' },
  ca: { type: 'string', multiple: true },
  timeout: { type: 'string' },
  wait: { type: 'string' },
} as const;

/** What `worldFlags` mean, for the usage of a command. */
export const worldUsage = {
  '--platform <name>': 'where, when there are several platforms',
  '--secret-file <path>': 'the worker secret: a file, a folder with a file per server, or - for standard input',
  '--secret-env <NAME>': 'the worker secret: a variable. Without either flag: <SERVER>_SECRET, then standard input',
  '--trim-newline': 'drops the newline at its end, which editors and echo add',
  '--resolver <address>': 'a name server to ask; repeatable. Without it: system, 1.1.1.1, 8.8.8.8',
  '--allowlisted <entry>': "an entry of the engine's ssrfAllowlist, as written there; repeatable",
  '--connect-to <address[:port]>': 'connects there, whatever DNS says, such as before a record is changed',
  '--ca <file>': 'trusts another certificate authority; repeatable',
  '--timeout <10s>': 'for one request',
  '--wait <5m>': 'retries with backoff until everything passes',
};

type WorldFlags = Omit<Flags<typeof worldFlags>, 'json' | 'help'>;

/** The system's resolver may lag; two public ones show what the rest of the world sees. */
const defaultResolvers = ['system', '1.1.1.1', '8.8.8.8'];

/** Flags → the options of `nodeWorld`. @throws Problem USAGE */
export function worldOptions(flags: WorldFlags) {
  return {
    resolvers: flags.resolver ?? defaultResolvers,
    timeoutMs: durationMs(flags.timeout ?? '10s', 'timeout'),
    authorities: (flags.ca ?? []).map(readAuthority),
    connectTo: flags['connect-to'] === undefined ? undefined : endpointFrom(flags['connect-to']),
  };
}

/** The declared servers with these names, or all, on the selected platform. @throws Problems */
export function declaredServers(names: readonly string[], { platform: name }: WorldFlags): readonly Server[] {
  const platforms = readPlatforms(root);
  const platform = pickPlatform(platforms, name);
  const { servers, problems } = readServers(root, platforms);
  stopOnErrors(problems);
  return pickOn(platform, servers, names);
}

/** The tools of these servers as their sources declare them. @throws Problems TOOL-LOAD */
export function toolSources(servers: readonly Server[]): ReadonlyMap<string, ToolSources> {
  const { byServer, problems } = publishedTools(root, servers);
  stopOnErrors(problems);
  return byServer;
}

/** How long to retry, in milliseconds; undefined without `--wait`. @throws Problem USAGE */
export function waitOf({ wait }: WorldFlags): number | undefined {
  return wait === undefined ? undefined : durationMs(wait, 'wait');
}

/** Where secrets are read from, and where messages for the user go. */
export const terminal = {
  // A getter, because process.stdin opens when it is first touched.
  get stdin() {
    return process.stdin;
  },
  environment: process.env,
  say: (line: string) => void process.stderr.write(`${line}\n`),
};

/**
 * Parses a duration such as `30s`, `5m` or `1h` into milliseconds.
 * @throws Problem USAGE
 */
export function durationMs(text: string, flag: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,5})(s|m|h)$/.exec(text) ?? [];
  const factor = { s: 1000, m: 60_000, h: 3_600_000 }[unit];
  if (factor !== undefined) return Number(digits) * factor;
  throw new Problem('USAGE', `Cannot read --${flag} "${text}" as a duration`, { fix: 'write it as 30s, 5m or 1h' });
}

/** The steps named by `--skip`. @throws Problem USAGE for a step that does not exist */
export function skippedSteps(words: readonly string[]): readonly StepName[] {
  return words.map((word) => {
    const name = stepNames.find((known) => known === word);
    if (name !== undefined) return name;
    const meant = nearest(word, stepNames);
    throw new Problem('USAGE', `Cannot skip "${word}": there is no such step`, {
      fix: meant === undefined ? `choose one of ${stepNames.join(', ')}` : `write "${meant}"`,
    });
  });
}

/**
 * The tools named by `--invoke`, in any form; `all` means all of them.
 * @param sources the tools of the servers that are built here, by server; the tools of other servers are unknown
 * @throws Problem TOOL-UNKNOWN for a tool that no server has
 */
export function invokedTools(
  names: readonly string[],
  servers: readonly Pick<Server, 'name'>[],
  sources: ReadonlyMap<string, Pick<ToolSources, 'toolkit' | 'tools'>>,
): readonly string[] {
  const tools = [...sources.values()].flatMap(({ toolkit, tools }) =>
    tools.map(({ name }) => ({ name, toolkit, fully_qualified_name: `${toolkit.name}.${name}` })),
  );
  const unknown = names.find((name) => name !== 'all' && !tools.some((tool) => isNamed(tool, name)));
  if (unknown === undefined || servers.some(({ name }) => !sources.has(name))) return names;
  const known = tools.map(({ name }) => name);
  const meant = nearest(unknown, known);
  throw new Problem('TOOL-UNKNOWN', `Cannot call "${unknown}": no server here has such a tool`, {
    fix: meant === undefined ? `choose one of: ${known.join(', ')}` : `write "${meant}"`,
  });
}

/** Splits the values of a flag that may be repeated, comma-separated, or both. */
export function namesIn(values: readonly string[] = []): readonly string[] {
  const names = values.flatMap((value) => value.split(','));
  return names.map((name) => name.trim()).filter(Boolean);
}

function endpointFrom(text: string): { readonly address: string; readonly port: number | undefined } {
  const [, address = '', port] = /^(\[[0-9a-f:.]+\]|[0-9.]+|[0-9a-f:]+:[0-9a-f:.]*)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (address === '') {
    throw new Problem('USAGE', `Cannot connect to "${text}": it is not an address`, {
      fix: 'write 192.0.2.1, 192.0.2.1:8443 or [2001:db8::1]:8443',
    });
  }
  return { address: address.replace(/^\[|\]$/g, ''), port: port === undefined ? undefined : Number(port) };
}
