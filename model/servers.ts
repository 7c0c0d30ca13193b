import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFolder } from './folder';
import { nearest } from './nearest';
import type { Platform } from './platform';
import { Problem } from './problem';
import { readSealed, type SealedReading } from './sealed';
import { type Declaration, type Server, type ServerList, serversFrom } from './spec';

export type { ServerList };

/** Changes the default export of a server's declaration, to validate an edit before it is written. */
export type EditDeclaration = (name: string, entry: unknown) => unknown;

/**
 * Reads every folder of `servers/`, sorted by name, for every platform that it runs on; validates each server, and all
 * together.
 * @param root the repository's folder
 * @param added names of tools that are about to be written, by server. @default - none
 * @param edit an edit to apply to each declaration. @default - none
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

/** Reads the sealed values of a server; none if it has no sealed file yet, or its secrets are not sealed. */
export function readSealedOf(server: Server, root: string): SealedReading {
  const { sealedFile: file, platform } = server;
  if (platform.secrets.kind !== 'sealed') return { sealed: new Map(), problems: [] };
  const text = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '{}';
  return readSealed(text, file, server);
}

/** Validates declarations: returns servers and problems, including clashes between servers. Reads no files. */
export function serverList(declared: readonly Declaration[], platforms: readonly Platform[]): ServerList {
  const results = declared.map((declaration) => serversFrom(declaration, platforms));
  const servers = results.flatMap((result) => result.servers);
  return { servers, problems: [...results.flatMap(({ problems }) => problems), ...serverClashes(servers)] };
}

/** Clashes between servers that are valid on their own, reported for the later one. */
export function serverClashes(servers: readonly Server[]): readonly Problem[] {
  return [...sharedHosts(servers), ...sharedRecords(servers), ...sharedToolkits(distinct(servers))];
}

/** Each server once, however many platforms it runs on. What comes from its folder, such as the toolkit, is the same on all. */
export function distinct(servers: readonly Server[]): readonly Server[] {
  const first = new Map<string, Server>();
  for (const server of servers) if (!first.has(server.name)) first.set(server.name, server);
  return [...first.values()];
}

/**
 * Selects servers by name, on every platform that they run on; without names, all of them.
 * @throws Problem SERVER-UNKNOWN for an unknown name
 */
export function pick(servers: readonly Server[], names: readonly string[]): readonly Server[] {
  const known = distinct(servers).map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownServer(unknown, known);
  return names.length === 0 ? servers : servers.filter(({ name }) => names.includes(name));
}

/**
 * Selects servers of one platform by name; without names, all of them.
 * @throws Problem SERVER-UNKNOWN for an unknown name, or a server that does not run there
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
  const fix = `write --platform ${others[0]}, or add "${platform.name}" to platforms in its declaration`;
  throw new Problem('SERVER-UNKNOWN', message, { file: `servers/${elsewhere}/server.ts`, path: 'platforms', fix });
}

/** The problem of an unknown name, with the probable name. */
export function unknownServer(name: string, known: readonly string[]): Problem {
  const meant = nearest(name, known);
  const others = known.length === 0 ? 'npm run new -- server <name>' : `choose one of: ${known.join(', ')}`;
  return new Problem('SERVER-UNKNOWN', `Cannot find the server "${name}": servers/ has no such folder`, {
    fix: meant === undefined ? others : `write "${meant}"`,
  });
}

function declarationOf(name: string): unknown {
  // A pattern that the bundler resolves to all servers, and Jest to the requested one.
  const module: { default?: unknown } = require(`../servers/${name}/server.ts`);
  return module.default;
}

/** An error that a declaration throws is its author's mistake, such as a misspelled name. */
function throwing(name: string, cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Problem('SERVER-FIELD', `Cannot read the server "${name}": its declaration throws: ${reason}`, {
    file: `servers/${name}/server.ts`,
    fix: 'correct it; a declaration must be plain data',
    cause,
  });
}

function withoutDeclaration(name: string): Problem {
  return new Problem('SERVER-FIELD', `Cannot read the server "${name}": its folder has no server.ts`, {
    file: `servers/${name}`,
    fix: 'write server.ts there, or remove the folder',
  });
}

/** An engine identifies toolkits by their published names, ignoring case: `a-b` and `ab` are the same. */
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
        `Cannot distinguish the tools of "${name}" from those of "${first}": same toolkit name`,
        {
          file: source,
          fix: 'rename one of the two folders',
        },
      ),
    ];
  });
}

/** A public host can belong to only one server on one platform. */
function sharedHosts(servers: readonly Server[]): readonly Problem[] {
  const owner = new Map<string, Server>();
  return servers.flatMap((server) => {
    const { host, isPublic, name, platform, source } = server;
    const first = isPublic ? owner.get(host) : server;
    if (first === undefined) owner.set(host, server);
    if (first === undefined || first === server) return [];
    const where = (other: Server) => `"${other.name}"${platform.flag && ` on "${other.platform.name}"`}`;
    const message = `Cannot give "${host}" to ${where(server)}: ${where(first)} already has it`;
    const fix =
      first.name === name
        ? `give it another host there: platforms: { '${platform.name}': { host: '…' } }; or give the platform its own zone`
        : 'give one of them another host';
    return [new Problem('DNS-DUPLICATE', message, { file: source, path: 'host', fix })];
  });
}

/** A record can be adopted only once: Terraform rejects a second `moved` from an address, and Cloudflare ids are unique. */
function sharedRecords(servers: readonly Server[]): readonly Problem[] {
  const owner = new Map<string, Server>();
  return servers.flatMap((server) => {
    const { name, record, platform, source: file } = server;
    if (record === undefined) return [];
    const key = JSON.stringify([platform.name, record]);
    const first = owner.get(key);
    if (first === undefined) owner.set(key, server);
    if (first === undefined) return [];
    const message = `Cannot give one record to both "${name}" and "${first.name}"`;
    return [new Problem('DNS-DUPLICATE', message, { file, path: 'record', fix: 'remove it from one of them' })];
  });
}
