import { join } from 'node:path';
import type { Platform } from '../../model/platform';
import { Problem, Problems } from '../../model/problem';
import type { DistFile } from '../synth/fresh';
import { temporaryOf } from './apply';
import { type Checkout, type NamedCheckout, openCheckout } from './checkout';
import { readExisting, readPlain } from './existing';
import type { Tree } from './flux/flux-copy';
import { fluxKustomizations } from './flux/flux-kustomizations';
import { fluxProblems } from './flux/flux-problems';
import { type GitFacts, gitProblems, readGitFacts } from './git-facts';
import { type FileChange, plan, type Situation, serversIn } from './plan';
import type { RenderedBefore } from './rendered-before';

/** One of the two places that files are delivered to. */
export interface Target extends NamedCheckout {
  readonly option: '--to' | '--dns-to';
  /** The folder in it that holds our files. */
  readonly base: string;
}

/** What the plan for a target depends on, beside the target. */
export interface PlanOptions {
  /** The root of this repository. */
  readonly root: string;
  /** @default - all servers */
  readonly names?: readonly string[] | undefined;
  readonly discard: ReadonlySet<string>;
  readonly isRendered: RenderedBefore;
  readonly platform: Platform;
}

/** What there is to do in a target, and what is in the way. */
export interface TargetPlan {
  readonly target: Target;
  readonly checkout: Checkout;
  readonly changes: readonly FileChange[];
  /** The servers that have files there, or shall have. */
  readonly servers: readonly string[];
  /** Half-written files that an interrupted run has left. */
  readonly leftovers: readonly string[];
  /** Every path that files are wanted at, whichever servers were chosen. */
  readonly wantedPaths: ReadonlySet<string>;
  /** Whether a server is among those that were asked for. */
  isChosen(server: string): boolean;
  readonly problems: readonly Problem[];
}

/**
 * Looks at a target; writes nothing in it.
 * @throws Problem or Problems when the checkout cannot be worked in at all
 */
export function planTarget(target: Target, files: readonly DistFile[], options: PlanOptions): TargetPlan {
  const { base, option } = target;
  const { root, names, discard, isRendered, platform } = options;
  const wanted = wantedFiles(target, files);
  requireInside([base, ...wanted.map(({ path }) => path)]);
  const checkout = openCheckout(target, root);
  const existing = readExisting(checkout.root, base);
  const facts = readGitFacts(checkout);
  const situation: Situation = {
    wanted,
    existing,
    base,
    tool: platform.tool,
    discard,
    isRendered: (text) => isRendered({ text }),
    names,
  };
  const { changes, problems } = plan(situation);
  return {
    target,
    checkout,
    changes,
    servers: serversIn(situation),
    leftovers: changes
      .map(({ path }) => temporaryOf(path))
      .filter((path) => existing.get(path)?.kind === 'file' && !facts.tracked.has(path)),
    wantedPaths: new Set(wanted.map(({ path }) => path)),
    isChosen: (server) => names?.includes(server) ?? true,
    problems: [
      ...problems,
      ...gitProblems(checkout, changes.filter(isReachable(problems)), facts, isRendered),
      ...(option === '--to' ? fluxProblemsOf(target, checkout, facts, changes, wanted) : []),
    ],
  };
}

/** Git answers nothing about a path behind a link or inside another repository, and need not be asked. */
function isReachable(problems: readonly Problem[]): (change: FileChange) => boolean {
  const blocked = problems.flatMap(({ code, file }) => (code === 'TARGET-PATH' && file !== undefined ? [file] : []));
  return ({ path }) => !blocked.some((file) => path === file || path.startsWith(`${file}/`));
}

function wantedFiles({ repository, base }: Target, files: readonly DistFile[]): readonly DistFile[] {
  const root = `${repository}/`;
  return files
    .filter(({ path }) => path.startsWith(`${root}${base}/`))
    .map((file) => ({ ...file, path: file.path.slice(root.length) }));
}

/** No path may leave the checkout or reach into git's own folder, whatever the platform's facts or the index say. */
function requireInside(paths: readonly string[]): void {
  const bad = paths.filter((path) =>
    path.split('/').some((part) => /^(|\.|\.\.|\.git|git~1)$/i.test(part) || /[\\\0:]/.test(part)),
  );
  if (bad.length === 0) return;
  throw new Problems(
    bad.map(
      (path) =>
        new Problem('TARGET-PATH', `Cannot write "${path}": it does not stay inside the checkout`, {
          file: 'platforms',
          fix: 'write plain folders, from the root of the repository, without "..", and run npm run synth',
        }),
    ),
  );
}

/** What Flux would have against the target after the changes. */
function fluxProblemsOf(
  { base, repository }: Target,
  { root }: Checkout,
  { paths, tracked }: GitFacts,
  changes: readonly FileChange[],
  wanted: readonly DistFile[],
): readonly Problem[] {
  const rendered = new Map(wanted.map(({ path, text, objects }) => [path, { text, objects }]));
  const files = paths.filter((path) => tracked.get(path) !== 'submodule');
  const tree = (side: 'before' | 'after'): Tree => {
    const changed = new Map(changes.map((change) => [change.path, change[side]]));
    const read = (path: string) => {
      const text = changed.get(path);
      return text === undefined ? readPlain(join(root, path)) : Buffer.from(text);
    };
    return {
      paths: new Set(
        [...files, ...changed.keys()].filter((path) => !changed.has(path) || changed.get(path) !== undefined),
      ),
      read,
      // What was not chosen stays as it is in the checkout, which need not be what dist/ holds.
      objectsOf: (path) => {
        const file = rendered.get(path);
        const text = changed.has(path) ? changed.get(path) : read(path)?.toString();
        return file?.text === text ? file?.objects : undefined;
      },
    };
  };
  const after = tree('after');
  const ours = changes.flatMap(({ path, after: text }) => (text !== undefined && /\.ya?ml$/.test(path) ? [path] : []));
  return fluxProblems({
    before: tree('before'),
    after,
    base,
    ours,
    kustomizations: fluxKustomizations(root, repository),
  });
}
