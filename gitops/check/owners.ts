import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../model/problem';
import { distinct } from '../../model/servers';
import type { Server } from '../../model/spec';

type Owned = Pick<Server, 'name' | 'team'>;

const file = '.github/CODEOWNERS';
const unset = 'confirm-organization';

/** What is wrong with the owners of servers; nothing where a team keeps no such file. */
export function ownerProblems(root: string, servers: readonly Server[]): readonly Problem[] {
  const text = textIn(root);
  if (text === undefined) return [];
  return distinct(servers).flatMap((server) => {
    const owners = ownersOf(text, server.name);
    if (owners?.some((owner) => owner.startsWith('@') && owner.endsWith(`/${server.team}`))) return [];
    const found =
      owners === undefined ? 'no line for it' : `${owners.join(' ') || 'nobody'}, and its team is "${server.team}"`;
    const message = `Cannot request reviews of "${server.name}" from its team: ${file} has ${found}`;
    const fix = `write there: ${lineFor(server, organizationIn(text))}`;
    return [new Problem('OWNER-MISSING', message, { file, fix, level: 'warning' })];
  });
}

/** The organization that nobody has filled in yet; nothing once it is. */
export function organizationProblems(root: string): readonly Problem[] {
  const text = textIn(root);
  if (text === undefined || organizationIn(text) !== unset) return [];
  const message = `Cannot request reviews from teams: ${file} does not name their organization`;
  return [new Problem('OWNER-UNSET', message, { file, level: 'warning' })];
}

/** Gives servers a line, in the organization of the others. @returns the changed file, from the root; none where there is none */
export function addOwners(root: string, added: readonly Owned[]): readonly string[] {
  return changeOwners(root, (text) => {
    const names = new Set(added.map(({ name }) => name));
    const lines = added.map((server) => lineFor(server, organizationIn(text)));
    return `${[withoutOwners(text, [...names]).trimEnd(), ...lines].join('\n')}\n`;
  });
}

/** Removes the lines of servers. @returns the changed file, from the root; none where nothing changes */
export function removeOwners(root: string, names: readonly string[]): readonly string[] {
  return changeOwners(root, (text) => withoutOwners(text, names));
}

function changeOwners(root: string, change: (text: string) => string): readonly string[] {
  const text = textIn(root);
  if (text === undefined || change(text) === text) return [];
  writeFileSync(join(root, file), change(text));
  return [file];
}

function textIn(root: string): string | undefined {
  return existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined;
}

function lineFor({ name, team }: Owned, organization: string): string {
  return `/servers/${name}/ @${organization}/${team}`;
}

/** The owners in the last line of a server, which is the one that decides. */
function ownersOf(text: string, name: string): readonly string[] | undefined {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  return lines.findLast(([path]) => path === `/servers/${name}/`)?.slice(1);
}

function withoutOwners(text: string, names: readonly string[]): string {
  const isTheirs = (line: string) => names.some((name) => line.startsWith(`/servers/${name}/ `));
  return text
    .split('\n')
    .filter((line) => !isTheirs(line))
    .join('\n');
}

function organizationIn(text: string): string {
  return /^[^#\n]*@([\w-]+)\//m.exec(text)?.[1] ?? unset;
}
