// What lies in the folder of a server: its tools and resources, which are modules, and files beside resources, which are bytes.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The largest file, in bytes: as much as a resource may have (worker/catalog/resource.ts). */
export const maxFileBytes = 2 * 1024 * 1024;

/**
 * The names of the tools of a server, sorted.
 * @param {string} folder the server's own folder
 * @returns {string[]}
 */
export function toolsIn(folder) {
  return readdirSync(join(folder, 'tools'))
    .flatMap((file) => /^([^.].*)(?<!\.test)\.ts$/.exec(file)?.[1] ?? [])
    .sort();
}

/**
 * Looks into the resources/ of a server; no such folder is an empty one. Names that begin with a dot are left out.
 * @param {string} folder the server's own folder
 * @returns {{ definitions: string[], files: { name: string, bytes: Buffer }[] }} names without `.ts`, and paths within resources/
 * @throws {Error} with a line for each file that cannot be taken: a link, which may lead anywhere, one that is too large, or
 * one with the name of a definition
 */
export function resourcesIn(folder) {
  if (lstatSync(join(folder, 'resources'), { throwIfNoEntry: false })?.isDirectory() === false)
    throw new Error('resources is no folder, or a link to one; put the folder itself there');
  const found = filesIn(join(folder, 'resources'));
  const definitions = found.flatMap((name) => /^([^/]+)(?<!\.test)\.ts$/.exec(name)?.[1] ?? []);
  const beside = found.filter((name) => !name.endsWith('.ts'));
  const wrong = beside.flatMap((name) => {
    if (definitions.includes(name))
      return [`resources/${name} has the name of resources/${name}.ts; give it an ending`];
    const stat = lstatSync(join(folder, 'resources', name));
    if (!stat.isFile()) return [`resources/${name} is a link; put the file itself there`];
    return stat.size > maxFileBytes ? [`resources/${name} has ${stat.size} bytes, more than ${maxFileBytes}`] : [];
  });
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return {
    definitions,
    files: beside.map((name) => ({ name, bytes: readFileSync(join(folder, 'resources', name)) })),
  };
}

/**
 * The same as the catalogue loads it: one loader by source name, such as `resources/guide` and `resources/guide.md`.
 * @param {string} folder the server's own folder
 * @param {(name: string) => { default?: unknown }} load loads one definition
 * @returns {[string, () => { default?: unknown }][]}
 */
export function resourceLoaders(folder, load) {
  const { definitions, files } = resourcesIn(folder);
  return [
    ...definitions.map((name) => [`resources/${name}`, () => load(name)]),
    ...files.map(({ name, bytes }) => [`resources/${name}`, () => ({ default: bytes })]),
  ];
}

/** Paths below a folder, sorted; of links only that they are there. */
function filesIn(folder, within = '') {
  let entries = [];
  try {
    entries = readdirSync(join(folder, within), { withFileTypes: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .flatMap((entry) => {
      const path = within === '' ? entry.name : `${within}/${entry.name}`;
      return entry.isDirectory() ? filesIn(folder, path) : [path];
    })
    .sort();
}
