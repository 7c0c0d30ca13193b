import { join } from 'node:path';
import { stamped, unstamped } from '../../model/marker';
import { Problem, stopOnErrors } from '../../model/problem';
import type { DistFile } from '../synth/fresh';
import { temporaryOf } from './apply';
import { type Checkout, openCheckout, type Target, unnamed } from './checkout';
import { pathsTo, readExisting, readPlain } from './existing';
import type { Tree } from './flux/flux-copy';
import { fluxKustomizations } from './flux/flux-kustomizations';
import { fluxProblems } from './flux/flux-problems';
import { sharedNamespaces } from './flux/namespaces';
import { type GitFacts, gitProblems, readGitFacts } from './git-facts';
import { type FileChange, type Plan, type PlanOptions, plan } from './plan';
import { recordProblems } from './records';

/** The planned changes in a target, and the problems that block them. */
export interface TargetPlan extends Plan {
  readonly target: Target;
  readonly checkout: Checkout;
  /** Temporary files left by an interrupted run. */
  readonly leftovers: readonly string[];
  /** The path of every file in `dist/` for this target, for all servers. */
  readonly wantedPaths: ReadonlySet<string>;
  /** Whether a server was selected on the command line. */
  isChosen(server: string): boolean;
}

/**
 * Inspects a target; writes nothing in it.
 * @throws Problem or Problems when the checkout is unusable
 */
export function planTarget(target: Target, files: readonly DistFile[], options: PlanOptions): TargetPlan {
  const { base, option } = target;
  const wanted = wantedIn(target, files);
  const checkout = openCheckout(target, options.root);
  const existing = readExisting(checkout.root, base);
  const facts = readGitFacts(checkout);
  const { changes, servers, problems } = plan({ ...options, wanted, existing, base });
  // Git rejects paths behind a link or inside another repository.
  const blocked = problems.flatMap(({ code, file }) => (code === 'TARGET-PATH' && file !== undefined ? [file] : []));
  const reachable = changes.filter(({ path }) => !pathsTo(path).some((part) => blocked.includes(part)));
  return {
    target,
    checkout,
    changes,
    servers,
    leftovers: changes
      .map(({ path }) => temporaryOf(path))
      .filter((path) => existing.get(path)?.kind === 'file' && !facts.tracked.has(path)),
    wantedPaths: new Set(wanted.map(({ path }) => path)),
    isChosen: (server) => options.names?.includes(server) ?? true,
    problems: [
      ...(checkout.isNamed ? [] : [unnamed(target)]),
      ...problems,
      ...gitProblems(checkout, reachable, facts, options.originOf),
      ...(option === '--to' ? fluxProblemsOf(target, checkout, facts, changes, wanted) : []),
      ...(option === '--dns-to' ? recordProblemsOf(target, checkout, changes) : []),
    ],
  };
}

/**
 * The files of `dist/` for a target, with paths relative to its root and a hash in each marker.
 * @throws Problems TARGET-PATH for a path outside the checkout
 */
export function wantedIn({ repository, base }: Target, files: readonly DistFile[]): readonly DistFile[] {
  const root = `${repository}/`;
  const wanted = files
    .filter(({ path }) => path.startsWith(`${root}${base}/`))
    .map((file) => ({ ...file, path: file.path.slice(root.length), text: stamped(file.text) }));
  requireInside([base, ...wanted.map(({ path }) => path)]);
  return wanted;
}

/** Rejects paths that leave the checkout or enter `.git`, whatever the platform or the index contains. */
function requireInside(paths: readonly string[]): void {
  const bad = paths.filter((path) =>
    path.split('/').some((part) => /^(|\.|\.\.|\.git|git~1)$/i.test(part) || /[\\\0:]/.test(part)),
  );
  const fix = 'use a plain folder path relative to the root of the repository, without "..", and run npm run synth';
  const message = (path: string) => `Cannot write "${path}": it does not stay inside the checkout`;
  stopOnErrors(bad.map((path) => new Problem('TARGET-PATH', message(path), { file: 'platforms', fix })));
}

/** Why Terraform would reject the workspace after the changes. Servers that were not selected stay unchanged. */
function recordProblemsOf({ base }: Target, { root }: Checkout, changes: readonly FileChange[]): readonly Problem[] {
  const known = new Set(changes.map(({ path }) => path));
  const ours = changes.flatMap(({ path, before, after: text }) =>
    text === undefined ? [] : [{ path, text, exists: before !== undefined }],
  );
  return recordProblems(root, base, ours, (path) => known.has(path));
}

/** Why Flux would reject the target after the changes. */
function fluxProblemsOf(
  { base, repository }: Target,
  { root }: Checkout,
  { paths, tracked }: GitFacts,
  changes: readonly FileChange[],
  wanted: readonly DistFile[],
): readonly Problem[] {
  const rendered = new Map(wanted.map((file) => [file.path, file]));
  const files = paths.filter((path) => tracked.get(path) !== 'submodule');
  const tree = (side: 'before' | 'after'): Tree => {
    const changed = new Map(changes.map((change) => [change.path, change[side]]));
    const exists = (path: string) => !changed.has(path) || changed.get(path) !== undefined;
    const read = (path: string) => {
      const text = changed.get(path);
      return text === undefined ? readPlain(join(root, path)) : Buffer.from(text);
    };
    // Files of unselected servers stay unchanged in the checkout, and may differ from dist/.
    const objectsOf = (path: string) => {
      const file = rendered.get(path);
      const isSame = file !== undefined && unstamped(file.text) === unstamped(`${read(path) ?? ''}`);
      return isSame ? file.objects : undefined;
    };
    return { paths: new Set([...files, ...changed.keys()].filter(exists)), read, objectsOf };
  };
  const ours = changes.flatMap(({ path, after }) => (after !== undefined && /\.ya?ml$/.test(path) ? [path] : []));
  const kustomizations = fluxKustomizations(root, repository);
  const namespaces = wanted.flatMap(({ path, objects }) => {
    const [, kind, , namespace = ''] = objects[0]?.split('/') ?? [];
    return kind === 'Namespace' && ours.includes(path) ? [{ path, name: namespace }] : [];
  });
  return [
    ...fluxProblems({ before: tree('before'), after: tree('after'), base, ours, kustomizations }),
    ...sharedNamespaces(root, namespaces, kustomizations),
  ];
}
