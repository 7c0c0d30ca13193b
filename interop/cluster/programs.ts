import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../../cli/root';
import { cacheFolder } from '../../testing/processes/cache-folder';
import { install, run } from '../../testing/processes/program';
import { compile, goModules } from './compile';

/** How one program is built. */
interface Source {
  readonly module: 'kube' | 'flux';
  readonly package: string;
  /** What it is called by. @default - its own name alone */
  readonly links?: readonly string[];
  /** For Go's linker. @default - nothing beside what every program gets */
  readonly linker?: string;
  /** The Go module that it is of. @default - nothing but its package is asked for */
  readonly library?: string;
  /** Folders of that module with objects that it needs in a cluster. @default - none */
  readonly objects?: readonly string[];
  /** A file that the published module lacks. @default - none */
  readonly missing?: string;
}

const kubernetes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const;

/** In the order of their builds: the largest first, and those that profit from another after it. */
const sources = {
  kube: {
    module: 'kube',
    package: 'kube',
    links: kubernetes,
    // The controllers ask the API server for its version, and Kubernetes' own scripts write it like this.
    linker: `-X k8s.io/component-base/version.gitVersion=${versionOf('kube', 'k8s.io/kubernetes')}`,
  },
  etcd: { module: 'kube', package: 'go.etcd.io/etcd/server/v3' },
  'sealed-secrets': {
    module: 'flux',
    library: 'github.com/bitnami/sealed-secrets',
    package: 'github.com/bitnami/sealed-secrets/cmd/controller',
    objects: ['helm/sealed-secrets/crds'],
  },
  kwok: {
    module: 'flux',
    library: 'sigs.k8s.io/kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    objects: ['node/fast', 'node/heartbeat-with-lease', 'pod/fast'].map((stage) => `kustomize/stage/${stage}`),
  },
  'kustomize-controller': fluxController('kustomize-controller'),
  'source-controller': fluxController('source-controller'),
  'helm-controller': fluxController('helm-controller'),
  flux: {
    module: 'flux',
    library: 'github.com/fluxcd/flux2/v2',
    package: 'github.com/fluxcd/flux2/v2/cmd/flux',
    linker: `-X main.VERSION=${versionOf('flux', 'github.com/fluxcd/flux2/v2').slice(1)}`,
    // Flux's own build puts the manifests of `flux install` there, which nobody asks for here (2.9.5).
    missing: 'cmd/flux/manifests/none.yaml',
  },
} as const satisfies Readonly<Record<string, Source>>;

type SourceName = keyof typeof sources;

/** The programs of a cluster, and of people who look at it. */
export type ProgramName = Exclude<SourceName, 'kube'> | (typeof kubernetes)[number];

/** The path of each program. */
export type Programs = Readonly<Record<ProgramName, string>>;

/**
 * Builds what is not there yet, one program after the other, from the versions that go/*\/go.mod pin: about 14 minutes
 * on two free cores. A build that was cut off goes on where it was.
 * @throws Problem TOOL-MISSING without Go, room on the disk, leave to write or the Go module proxy
 */
export async function programs(): Promise<Programs> {
  const built: [string, string][] = [];
  for (const name of Object.keys(sources) as SourceName[]) {
    const source: Source = sources[name];
    const folder = await cacheFolder(name, recipeOf(source), (empty) => build(name, source, empty));
    for (const link of source.links ?? [name]) built.push([link, join(folder, link)]);
  }
  // The lists of names above are the keys.
  return Object.fromEntries(built) as Programs;
}

function fluxController<N extends string>(name: N) {
  const library = `github.com/fluxcd/${name}` as const;
  return { module: 'flux', library, package: library, objects: ['config/crd/bases'] } as const;
}

/** The objects that a program needs in a cluster, one YAML file each. */
export function objectsOf(program: string): readonly string[] {
  const folder = join(dirname(program), 'objects');
  return readdirSync(folder).map((name) => join(folder, name));
}

/** What is built anew when it changes. */
function recipeOf({ module, ...source }: Source): string {
  const files = ['go.mod', 'go.sum', ...(module === 'kube' ? ['main.go'] : [])];
  return [JSON.stringify(source), ...files.map((file) => readFileSync(join(folderOf(module), file), 'utf8'))].join(
    '\n',
  );
}

function folderOf(module: Source['module']): string {
  return join(root, 'interop/cluster/go', module);
}

/** The version of a library that a go.mod asks for. */
function versionOf(module: Source['module'], library: string): string {
  const lines = readFileSync(join(folderOf(module), 'go.mod'), 'utf8').split('\n');
  const version = lines.map((line) => line.trim().split(' ')).find(([name]) => name === library)?.[1];
  if (version === undefined) throw new Error(`go.mod of ${module} asks for no ${library}`);
  return version;
}

async function build(name: SourceName, source: Source, folder: string): Promise<void> {
  const all = Object.keys(sources);
  const { library, objects = [], missing, links = [], linker = '' } = source;
  const cwd = folderOf(source.module);
  const origin = library === undefined ? '' : await folderOfLibrary(library, cwd);
  const flags = ['-ldflags', `-s -w ${linker}`];
  if (library !== undefined && missing !== undefined) {
    flags.push('-modfile', withFile(missing, { library, origin, cwd, folder }));
  }
  const file = join(folder, name);
  const what = { name, place: all.indexOf(name) + 1, of: all.length, file };
  await compile(what, ['build', '-mod=readonly', ...flags, '-o', file, source.package], cwd);
  for (const link of links) symlinkSync(name, join(folder, link));
  for (const path of objects) copyObjects(join(origin, path), join(folder, 'objects'));
}

async function folderOfLibrary(library: string, cwd: string): Promise<string> {
  await install({ ...goModules, what: `the source of ${library}` }, 'go', ['mod', 'download', library], { cwd });
  return (await run('go', ['list', '-m', '-f', '{{.Dir}}', library], { cwd })).trim();
}

/**
 * A copy of a module with one more file, since Go lets nobody add to its own copies (1.26), and a go.mod beside it that leads
 * there. @returns the path of that go.mod
 */
function withFile(
  missing: string,
  { library, origin, cwd, folder }: { library: string; origin: string; cwd: string; folder: string },
): string {
  const copy = join(folder, 'module');
  for (const name of readdirSync(origin, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(origin, name)).isFile()) writeInto(join(copy, name), readFileSync(join(origin, name)));
  }
  writeInto(join(copy, missing), '');
  const replacement = `\nreplace ${library} => ${copy}\n`;
  writeFileSync(join(folder, 'go.mod'), readFileSync(join(cwd, 'go.mod'), 'utf8') + replacement);
  writeFileSync(join(folder, 'go.sum'), readFileSync(join(cwd, 'go.sum')));
  return join(folder, 'go.mod');
}

function writeInto(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Go's folders are read-only, and copies of them would be as well: the texts alone. */
function copyObjects(from: string, to: string): void {
  for (const name of readdirSync(from).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')) {
    writeInto(join(to, name), readFileSync(join(from, name)));
  }
}
