// Lists the files of a server: tools and resources, which are modules, and the data files of resources.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The largest file, in bytes: the limit of a resource (worker/catalog/resource.ts). */
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
 * Reads the resources/ folder of a server; a missing folder is treated as empty. Ignores names that begin with a dot.
 * @param {string} folder the server's own folder
 * @returns {{ definitions: string[], files: { name: string, bytes: Buffer }[] }} names without `.ts`, and paths within resources/
 * @throws {Error} with a line for each invalid file: a link, a file that is too large, or one with the name of a definition
 */
export function resourcesIn(folder) {
  if (lstatSync(join(folder, 'resources'), { throwIfNoEntry: false })?.isDirectory() === false)
    throw new Error('resources is not a folder or is a link; replace it with a folder');
  const found = filesIn(join(folder, 'resources'));
  const definitions = found.flatMap((name) => /^([^/]+)(?<!\.test)\.ts$/.exec(name)?.[1] ?? []);
  const dataFiles = found.filter((name) => !name.endsWith('.ts'));
  const invalid = dataFiles.flatMap((name) => {
    if (definitions.includes(name))
      return [`resources/${name} has the same name as resources/${name}.ts; add a file extension`];
    const stat = lstatSync(join(folder, 'resources', name));
    if (!stat.isFile()) return [`resources/${name} is a link; replace it with the file`];
    return stat.size > maxFileBytes ? [`resources/${name} has ${stat.size} bytes, more than ${maxFileBytes}`] : [];
  });
  if (invalid.length > 0) throw new Error(invalid.join('\n'));
  return {
    definitions,
    files: dataFiles.map((name) => ({ name, bytes: readFileSync(join(folder, 'resources', name)) })),
  };
}

/**
 * The loaders that the catalogue expects, by source name, such as `resources/guide` and `resources/guide.md`.
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

/** The paths below a folder, sorted. Lists links but does not follow them. */
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
