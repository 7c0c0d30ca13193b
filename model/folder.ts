import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from './nearest';
import { Problem } from './problem';

/** The contents of a server's folder besides its declaration. */
export interface ServerFolder {
  /** The names of its tools, sorted; undefined without `tools/`. */
  readonly tools: readonly string[] | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Reads `servers/<name>`: lists its tools, and reports files that nothing reads.
 * @param root the repository's folder
 * @param platforms the names of the known platforms, to find sealed files of others
 * @param added names of tools that are about to be written
 */
export function readFolder(
  root: string,
  name: string,
  platforms: readonly string[],
  added: readonly string[] = [],
): ServerFolder {
  const folder = `servers/${name}`;
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const misplacedEntries = entries.flatMap((entry) => {
    if (entry.name.startsWith('.') || isExpected(entry.name, entry.isDirectory())) return [];
    return [toolFile(`${folder}/${entry.name}`, `nothing reads it there; ${layout}`, 'move it or remove it')];
  });
  const hasSealed = entries.some((entry) => entry.name === 'sealed' && entry.isDirectory());
  const hasTools = entries.some((entry) => entry.name === 'tools') || added.length > 0;
  const unserved = entries.some(({ name: entry }) => entry === 'resources') && !hasTools;
  if (unserved) {
    const fix = `npm run new -- tool ${name} <tool>, or remove the folder`;
    misplacedEntries.push(toolFile(`${folder}/resources`, 'without tools/, no worker serves it', fix));
  }
  const strays = [...misplacedEntries, ...(hasSealed ? sealedStrays(root, `${folder}/sealed`, platforms) : [])];
  if (!hasTools) return { tools: undefined, problems: strays };
  const files = entries.some((entry) => entry.name === 'tools')
    ? readdirSync(join(root, folder, 'tools'), { withFileTypes: true })
    : [];
  const misplaced = files.filter((file) => !file.name.startsWith('.') && !(file.isFile() && file.name.endsWith('.ts')));
  const found = files.filter((file) => file.isFile() && isToolFile(file.name)).map((file) => file.name.slice(0, -3));
  const tools = [...found, ...added];
  const empty = toolFile(
    `${folder}/tools`,
    'it has no tools',
    `npm run new -- tool ${name} <tool>, or remove the folder`,
  );
  return {
    tools: tools.sort(),
    problems: [
      ...strays,
      ...misplaced.map((file) =>
        toolFile(
          `${folder}/tools/${file.name}`,
          'a tool is one file <name>.ts directly in tools/',
          `move it there, or to ${folder}/lib/ if it is not a tool`,
        ),
      ),
      ...(tools.length === 0 ? [empty] : []),
    ],
  };
}

/** Sealed files of unknown platforms: renamed, removed or misspelled. */
function sealedStrays(root: string, folder: string, platforms: readonly string[]): readonly Problem[] {
  const found = readdirSync(join(root, folder)).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []);
  return found
    .filter((platform) => !platforms.includes(platform))
    .map((platform) => {
      const meant = nearest(platform, platforms);
      const rename = meant === undefined ? '' : `; or rename it to ${meant}.json if it was sealed for "${meant}"`;
      const reason = `there is no platform "${platform}", only ${platforms.join(', ')}`;
      return toolFile(`${folder}/${platform}.json`, reason, `remove it${rename}`);
    });
}

const layout = 'a server folder has server.ts, tools/, resources/, lib/, sealed/ and README.md';

function isExpected(name: string, isFolder: boolean): boolean {
  return isFolder ? /^(tools|resources|lib|sealed)$/.test(name) : /^(server\.ts|.*\.md)$/.test(name);
}

function isToolFile(name: string): boolean {
  return /(?<!\.test)\.ts$/.test(name);
}

function toolFile(file: string, reason: string, fix: string): Problem {
  return new Problem('TOOL-FILE', `Cannot use ${file}: ${reason}`, { file, fix });
}
