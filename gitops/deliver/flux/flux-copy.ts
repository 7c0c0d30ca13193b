import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { isRecord } from '../../../model/json';
import { isFlux } from './flux-kustomizations';
import { documentsOf } from './manifests';

/** A repository before or after a change: its files by path with slashes. */
export interface Tree {
  readonly paths: ReadonlySet<string>;
  /** The bytes of a plain file; nothing for what is not there or is no plain file, which Flux leaves out of its copy. */
  read(path: string): Buffer | undefined;
  /** The identities of the objects in a file that was rendered here, which needs no reading. */
  objectsOf(path: string): readonly string[] | undefined;
}

/** The part of a tree that Flux has. */
export interface FluxCopy extends Tree {
  has(path: string): boolean;
  /** The kustomization file of each folder that has one; the root is the empty path. */
  readonly kustomizationFiles: ReadonlyMap<string, string>;
  /** The text of a kustomization file without what kustomize would fetch from elsewhere. */
  localText(file: string): string;
}

/** A tree without the files that Flux leaves out. */
export function fluxCopy(tree: Tree): FluxCopy {
  const isLeftOut = sourceIgnore(tree);
  const files = [...tree.paths].filter(
    (path) => kustomizationFile.test(path) && !isLeftOut(path) && tree.read(path) !== undefined,
  );
  return {
    ...tree,
    has: (path) => tree.paths.has(path) && !isLeftOut(path),
    kustomizationFiles: new Map(files.map((path) => [path.replace(/\/?[^/]*$/, ''), path])),
    localText: (file) => localPart(tree.read(file)?.toString() ?? '').text,
  };
}

/**
 * The files that Flux's source-controller leaves out of its copy of a repository: those of every `.sourceignore` from the
 * root down, the last rule that matches deciding, and where there is no rule at all those of a list of its own. Unlike git,
 * a rule may take back what lies in a folder that an earlier rule left out, and capital letters count (fluxcd/pkg/sourceignore
 * of source-controller 1.9, which matches with go-git). `spec.ignore` of a GitRepository, which adds rules, is not known here.
 */
function sourceIgnore(tree: Pick<Tree, 'paths' | 'read'>): (path: string) => boolean {
  const files = [...tree.paths].filter((path) => path === ignoreFile || path.endsWith(`/${ignoreFile}`)).sort(byDepth);
  const rules = files.flatMap((file) => {
    const lines = (tree.read(file)?.toString() ?? '').split(/\r?\n/).filter((line) => !/^(#|\s*$)/.test(line));
    return lines.map((line) => ({
      folder: file.slice(0, -ignoreFile.length),
      leavesOut: !line.startsWith('!'),
      matcher: matcherOf([line.replace(/^!/, '')]),
    }));
  });
  if (rules.length === 0) rules.push({ folder: '', leavesOut: true, matcher: matcherOf(byDefault) });
  const last = rules.reverse();
  return (path) => {
    const rule = last.find(
      ({ folder, matcher }) => path.startsWith(folder) && matcher.ignores(path.slice(folder.length)),
    );
    return rule?.leavesOut ?? false;
  };
}

function matcherOf(lines: readonly string[]): Ignore {
  return ignore({ ignorecase: false }).add(lines);
}

function byDepth(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || (a < b ? -1 : 1);
}

const ignoreFile = '.sourceignore';

/** Of source-controller's default list (1.9), what can match YAML; images and archives are never read. */
const byDefault = [
  ...['.git/', '.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml'],
  ...['cloudbuild.yaml', 'codeship-services.yml', 'codeship-steps.yml'],
  ...['**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml'],
];

/**
 * Writes files of a copy to a folder, without what kustomize would fetch from elsewhere.
 * @returns what was left out: `<file>: <entry>`
 */
export function writeCopy({ read, kustomizationFiles }: FluxCopy, files: readonly string[], folder: string): string[] {
  const kustomizations = new Set(kustomizationFiles.values());
  return files.flatMap((file) => {
    const bytes = read(file);
    // `flux build` would apply the rules once more, from another root.
    if (bytes === undefined || posix.basename(file) === ignoreFile) return [];
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    const { text, remote } = kustomizations.has(file) ? localPart(bytes.toString()) : { text: bytes, remote: [] };
    writeFileSync(join(folder, file), text);
    return remote.map((entry) => `${file}: ${entry}`);
  });
}

/** A kustomization file as kustomize reads it without a network. */
function localPart(text: string): { readonly text: string; readonly remote: readonly string[] } {
  const [content] = documentsOf(text);
  const remote: string[] = [];
  if (!isRecord(content) || isFlux(content.apiVersion)) return { text, remote };
  const local = Object.entries(content).map(([key, value]) => {
    if (!/^(resources|components|bases)$/.test(key) || !Array.isArray(value)) return [key, value];
    remote.push(...value.filter(isRemote));
    return [key, value.filter((entry) => !isRemote(entry))];
  });
  return { text: remote.length === 0 ? text : JSON.stringify(Object.fromEntries(local)), remote };
}

/** An entry that kustomize fetches from elsewhere (5.7): a URL, an ssh address, or a host with a query. */
const isRemote = (entry: unknown): entry is string =>
  typeof entry === 'string' && /:\/\/|^git@|^github\.com|[?&]ref=/.test(entry);

const kustomizationFile = /(^|\/)(kustomization\.ya?ml|Kustomization)$/;
