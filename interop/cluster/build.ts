import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from '../../cli/root';
import { install, run } from '../../testing/processes/program';
import { type Build, compile, goModules } from './compile';

/** How one program is built. */
export interface Source {
  /** The folder in go/ whose go.mod pins it. */
  readonly module: 'kube' | 'flux' | 'gateway' | 'definitions';
  /** The Go package. @default - nothing is built; the source only provides objects */
  readonly package?: string;
  /** The names to link the program as. @default - only its own name */
  readonly links?: readonly string[];
  /** More flags for Go's linker. @default - only those of every program */
  readonly linker?: string;
  /** The Go module to download. @default - only the package is used */
  readonly library?: string;
  /** Folders or files of that module with the objects that the program needs in a cluster. @default - none */
  readonly objects?: readonly string[];
  /** A file to overwrite in a copy of a published module. @default - none */
  readonly written?: Written;
}

interface Written {
  readonly library: string;
  readonly path: string;
  /** The file with the text, relative to the go.mod. @default - an empty file is written */
  readonly from?: string;
}

/** Everything that a build depends on, as the key of its cache entry. */
export function recipeOf({ module, ...source }: Source): string {
  const files = readdirSync(folderOf(module), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(go|mod|sum)$/.test(name),
  );
  return [
    JSON.stringify(source),
    ...files.sort().map((file) => readFileSync(join(folderOf(module), file), 'utf8')),
  ].join('\n');
}

/** The folder of a go.mod. */
export function folderOf(module: Source['module']): string {
  return join(root, 'interop/cluster/go', module);
}

/**
 * Builds a program into a folder, together with the objects that it needs.
 * @param place its position among all builds, from 1
 * @throws Problem TOOL-MISSING without Go, room on the disk or the Go module proxy
 */
export async function build(
  source: Source,
  { folder, ...place }: Omit<Build, 'file'> & { folder: string },
): Promise<void> {
  const { library, objects = [], written, links = [], linker = '' } = source;
  const cwd = folderOf(source.module);
  if (source.package !== undefined) {
    const flags = ['-ldflags', `-s -w ${linker}`];
    if (written !== undefined) flags.push('-modfile', await withFile(written, cwd, folder));
    const file = join(folder, place.name);
    await compile({ ...place, file }, ['build', '-mod=readonly', ...flags, '-o', file, source.package], cwd);
  }
  for (const link of links) symlinkSync(place.name, join(folder, link));
  const origin = library === undefined ? '' : await folderOfLibrary(library, cwd);
  for (const path of objects) copyObjects(join(origin, path), join(folder, 'objects'));
}

async function folderOfLibrary(library: string, cwd: string): Promise<string> {
  await install({ ...goModules, what: `the source of ${library}` }, 'go', ['mod', 'download', library], { cwd });
  return (await run('go', ['list', '-m', '-f', '{{.Dir}}', library], { cwd })).trim();
}

/**
 * Copies a module, overwrites one file in the copy, and writes a go.mod that replaces the module by it. Go's own copies are
 * read-only (1.26). @returns the path of that go.mod
 */
async function withFile({ library, path, from }: Written, cwd: string, folder: string): Promise<string> {
  const origin = await folderOfLibrary(library, cwd);
  const copy = join(folder, 'module');
  for (const name of readdirSync(origin, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(origin, name)).isFile()) writeInto(join(copy, name), readFileSync(join(origin, name)));
  }
  writeInto(join(copy, path), from === undefined ? '' : readFileSync(join(cwd, from)));
  const replacement = `\nreplace ${library} => ${copy}\n`;
  writeFileSync(join(folder, 'go.mod'), readFileSync(join(cwd, 'go.mod'), 'utf8') + replacement);
  writeFileSync(join(folder, 'go.sum'), readFileSync(join(cwd, 'go.sum')));
  return join(folder, 'go.mod');
}

function writeInto(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Copies the YAML of a folder or of one file. A copy of the folder itself would be read-only, as Go's are. */
function copyObjects(from: string, to: string): void {
  const isFile = from.endsWith('.yaml');
  const names = isFile ? [basename(from)] : readdirSync(from);
  for (const name of names.filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')) {
    writeInto(join(to, name), readFileSync(isFile ? from : join(from, name)));
  }
}
