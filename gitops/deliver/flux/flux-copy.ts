import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { isRecord } from '../../../model/json';
import { isFlux } from './flux-kustomizations';
import { documentsOf } from './manifests';

/** A repository before or after a change. Paths have slashes. */
export interface Tree {
  readonly paths: ReadonlySet<string>;
  /** The bytes of a plain file; undefined for a missing file or anything else, which Flux skips. */
  read(path: string): Buffer | undefined;
  /** The identities of the objects in a file rendered here; undefined for any other file. */
  objectsOf(path: string): readonly string[] | undefined;
}

/** The part of a tree that Flux reads. */
export interface FluxCopy extends Tree {
  has(path: string): boolean;
  /** The kustomization file of each folder that has one; the root is the empty path. */
  readonly kustomizationFiles: ReadonlyMap<string, string>;
  /** The text of a kustomization file without its remote entries. */
  localText(file: string): string;
}

/** A tree without the files that Flux ignores. */
export function fluxCopy(tree: Tree): FluxCopy {
  const isIgnored = sourceIgnore(tree);
  const files = [...tree.paths].filter(
    (path) => kustomizationFile.test(path) && !isIgnored(path) && tree.read(path) !== undefined,
  );
  return {
    ...tree,
    has: (path) => tree.paths.has(path) && !isIgnored(path),
    kustomizationFiles: new Map(files.map((path) => [path.replace(/\/?[^/]*$/, ''), path])),
    localText: (file) => localPart(tree.read(file)?.toString() ?? '').text,
  };
}

/**
 * Whether Flux's source-controller ignores a file. It applies every `.sourceignore` from the root down, the last matching rule
 * wins; without any rule, it applies a default list. Unlike git, a rule may re-include files of an ignored folder, and matching
 * is case-sensitive (fluxcd/pkg/sourceignore of source-controller 1.9, which matches with go-git). The additional rules in
 * `spec.ignore` of a GitRepository are not visible here.
 */
function sourceIgnore(tree: Pick<Tree, 'paths' | 'read'>): (path: string) => boolean {
  const files = [...tree.paths].filter((path) => path === ignoreFile || path.endsWith(`/${ignoreFile}`)).sort(byDepth);
  const rules = files.flatMap((file) => {
    const lines = (tree.read(file)?.toString() ?? '').split(/\r?\n/).filter((line) => !/^(#|\s*$)/.test(line));
    return lines.map((line) => ({
      folder: file.slice(0, -ignoreFile.length),
      excludes: !line.startsWith('!'),
      matcher: matcherOf([line.replace(/^!/, '')]),
    }));
  });
  if (rules.length === 0) rules.push({ folder: '', excludes: true, matcher: matcherOf(defaultRules) });
  const last = rules.reverse();
  return (path) => {
    const rule = last.find(
      ({ folder, matcher }) => path.startsWith(folder) && matcher.ignores(path.slice(folder.length)),
    );
    return rule?.excludes ?? false;
  };
}

function matcherOf(lines: readonly string[]): Ignore {
  return ignore({ ignorecase: false }).add(lines);
}

function byDepth(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || (a < b ? -1 : 1);
}

const ignoreFile = '.sourceignore';

/** The entries of source-controller's default list (1.9) that can match YAML. */
const defaultRules = [
  ...['.git/', '.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml'],
  ...['cloudbuild.yaml', 'codeship-services.yml', 'codeship-steps.yml'],
  ...['**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml'],
];

/**
 * Writes files of a copy to a folder, without the remote entries of kustomization files.
 * @returns the entries left out: `<file>: <entry>`
 */
export function writeCopy({ read, kustomizationFiles }: FluxCopy, files: readonly string[], folder: string): string[] {
  const kustomizations = new Set(kustomizationFiles.values());
  return files.flatMap((file) => {
    const bytes = read(file);
    // `flux build` would apply the rules again, from another root.
    if (bytes === undefined || posix.basename(file) === ignoreFile) return [];
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    const { text, remote } = kustomizations.has(file) ? localPart(bytes.toString()) : { text: bytes, remote: [] };
    writeFileSync(join(folder, file), text);
    return remote.map((entry) => `${file}: ${entry}`);
  });
}

/** Splits a kustomization file into its local part and its remote entries. */
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

/** Whether kustomize (5.7) fetches an entry over the network: a URL, an ssh address, or a host with a query. */
const isRemote = (entry: unknown): entry is string =>
  typeof entry === 'string' && /:\/\/|^git@|^github\.com|[?&]ref=/.test(entry);

const kustomizationFile = /(^|\/)(kustomization\.ya?ml|Kustomization)$/;
