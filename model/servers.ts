import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFolder } from './folder';
import { nearest } from './nearest';
import type { Platform } from './platform';
import { Problem } from './problem';
import { readSealed, type SealedReading } from './sealed';
import { type Declaration, type Server, type ServerList, serversFrom } from './spec';

export type { ServerList };

/** The default export of a server's declaration as it is → as it is about to be. */
export type EditDeclaration = (name: string, entry: unknown) => unknown;

/**
 * Every folder of `servers/` on every platform that it runs on, in the order of their names, checked alone and against the
 * others.
 * @param root the repository's folder
 * @param added by server, names of tools that are about to be written. @default - none
 * @param edit what is about to be written into a declaration. @default - nothing
 */
export function readServers(
  root: string,
  platforms: readonly Platform[],
  added: Readonly<Record<string, readonly string[]>> = {},
  edit: EditDeclaration = (_name, entry) => entry,
): ServerList {
  const folder = join(root, 'servers');
  const names = (existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [])
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const declared = names.filter((name) => existsSync(join(folder, name, 'server.ts')));
  const missing = names.filter((name) => !declared.includes(name)).map(withoutDeclaration);
  const known = platforms.map((platform) => platform.name);
  const broken: Problem[] = [];
  const entries = declared.flatMap((name) => {
    try {
      const { tools, problems } = readFolder(root, name, known, Object.hasOwn(added, name) ? added[name] : []);
      broken.push(...problems);
      return [{ name, entry: edit(name, declarationOf(name)), tools }];
    } catch (cause) {
      broken.push(throwing(name, cause));
      return [];
    }
  });
  const list = serverList(entries, platforms);
  return { ...list, problems: [...missing, ...broken, ...list.problems] };
}

/** The sealed values of a server as they are committed; none when it has no sealed file yet, or its secrets are not sealed. */
export function readSealedOf(server: Server, root: string): SealedReading {
  const { sealedFile: file, platform } = server;
  if (platform.secrets.kind !== 'sealed') return { sealed: new Map(), problems: [] };
  const text = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '{}';
  return readSealed(text, file, server);
}

/** Declarations with their names → servers and problems, those between servers included. Decides; reads nothing. */
export function serverList(declared: readonly Declaration[], platforms: readonly Platform[]): ServerList {
  const results = declared.map((declaration) => serversFrom(declaration, platforms));
  const servers = results.flatMap((result) => result.servers);
  return { servers, problems: [...results.flatMap(({ problems }) => problems), ...serverClashes(servers)] };
}

/** What is wrong between servers that are right by themselves; told of the later one. */
export function serverClashes(servers: readonly Server[]): readonly Problem[] {
  return [...sharedHosts(servers), ...sharedRecords(servers), ...sharedToolkits(distinct(servers))];
}

/** Each server once, wherever it runs: what its folder says of it, its toolkit above all, is one for all platforms. */
export function distinct(servers: readonly Server[]): readonly Server[] {
  const first = new Map<string, Server>();
  for (const server of servers) if (!first.has(server.name)) first.set(server.name, server);
  return [...first.values()];
}

/**
 * The servers of the given names on every platform they run on; all of them when no name is given.
 * @throws Problem SERVER-UNKNOWN for a name that is not declared
 */
export function pick(servers: readonly Server[], names: readonly string[]): readonly Server[] {
  const known = distinct(servers).map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownServer(unknown, known);
  return names.length === 0 ? servers : servers.filter(({ name }) => names.includes(name));
}

/**
 * The servers of the given names on one platform; all of its servers when no name is given.
 * @throws Problem SERVER-UNKNOWN for a name that is not declared, or that does not run there
 */
export function pickOn(
  platform: Pick<Platform, 'name'>,
  servers: readonly Server[],
  names: readonly string[],
): readonly Server[] {
  const here = pick(servers, names).filter((server) => server.platform.name === platform.name);
  const elsewhere = names.find((name) => here.every((server) => server.name !== name));
  if (elsewhere === undefined) return here;
  const others = servers.filter(({ name }) => name === elsewhere).map((server) => server.platform.name);
  const message = `The server "${elsewhere}" does not run on "${platform.name}", only on ${others.join(', ')}`;
  const fix = `write --platform ${others[0]}, or name "${platform.name}" under platforms in its declaration`;
  throw new Problem('SERVER-UNKNOWN', message, { file: `servers/${elsewhere}/server.ts`, path: 'platforms', fix });
}

/** The problem of a name that is not declared, with the name that was probably meant. */
export function unknownServer(name: string, known: readonly string[]): Problem {
  const meant = nearest(name, known);
  const others = known.length === 0 ? 'npm run new -- server <name>' : `choose one of: ${known.join(', ')}`;
  return new Problem('SERVER-UNKNOWN', `Cannot find the server "${name}": servers/ has no such folder`, {
    fix: meant === undefined ? others : `write "${meant}"`,
  });
}

function declarationOf(name: string): unknown {
  // One pattern for the bundler, which takes every server along, and for Jest, which reads the one that is asked for.
  const module: { default?: unknown } = require(`../servers/${name}/server.ts`);
  return module.default;
}

/** What a declaration throws while it is read is its author's mistake, such as a misspelt name. */
function throwing(name: string, cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Problem('SERVER-FIELD', `Cannot read the server "${name}": its declaration throws: ${reason}`, {
    file: `servers/${name}/server.ts`,
    fix: 'correct it; a declaration is data and nothing else',
    cause,
  });
}

function withoutDeclaration(name: string): Problem {
  return new Problem('SERVER-FIELD', `Cannot read the server "${name}": its folder has no server.ts`, {
    file: `servers/${name}`,
    fix: 'write server.ts there, or remove the folder',
  });
}

/** An engine tells toolkits apart by their published names, whatever their case: `a-b` and `ab` are one. */
function sharedToolkits(servers: readonly Server[]): readonly Problem[] {
  const owner = new Map<string, string>();
  return servers.flatMap(({ name, toolkit, source }) => {
    if (toolkit === undefined) return [];
    const published = toolkit.name.replaceAll('_', '').toLowerCase();
    const first = owner.get(published) ?? name;
    owner.set(published, first);
    if (first === name) return [];
    return [
      new Problem(
        'TOOLKIT-DUPLICATE',
        `Cannot tell the tools of "${name}" from those of "${first}": one toolkit name`,
        {
          file: source,
          fix: 'rename one of the two folders',
        },
      ),
    ];
  });
}

/** A name in public leads to one place, whichever platform that is on. */
function sharedHosts(servers: readonly Server[]): readonly Problem[] {
  const owner = new Map<string, Server>();
  return servers.flatMap((server) => {
    const { host, isPublic, name, platform, source } = server;
    const first = isPublic ? owner.get(host) : server;
    if (first === undefined) owner.set(host, server);
    if (first === undefined || first === server) return [];
    const where = (other: Server) => `"${other.name}"${platform.flag && ` on "${other.platform.name}"`}`;
    const message = `Cannot give "${host}" to ${where(server)}: ${where(first)} has it already`;
    const fix =
      first.name === name
        ? `give it another host there: platforms: { '${platform.name}': { host: '…' } }; or give the platform a zone of its own`
        : 'give one of the two another host';
    return [new Problem('DNS-DUPLICATE', message, { file: source, path: 'host', fix })];
  });
}

/** A record becomes one server's: Terraform refuses a second `moved` from an address, and Cloudflare has one record of an id. */
function sharedRecords(servers: readonly Server[]): readonly Problem[] {
  const owner = new Map<string, Server>();
  return servers.flatMap((server) => {
    const { name, record, platform, source: file } = server;
    if (record === undefined) return [];
    const key = JSON.stringify([platform.name, record]);
    const first = owner.get(key);
    if (first === undefined) owner.set(key, server);
    if (first === undefined) return [];
    const message = `Cannot make one record that of "${name}" and of "${first.name}"`;
    return [new Problem('DNS-DUPLICATE', message, { file, path: 'record', fix: 'take it out of one of the two' })];
  });
}
