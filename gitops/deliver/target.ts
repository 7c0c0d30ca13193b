import { lstatSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Platform } from '../../model/platform';
import { Problem, Problems } from '../../model/problem';
import { type Scope, scopeFromAnnotations } from '../../model/sealed';
import { temporaryOf } from './apply';
import { type Checkout, openCheckout } from './checkout';
import type { DistFile } from './deliverable';
import { type Existing, readExisting } from './existing';
import { isRecord, manifestsOf } from './flux/manifests';
import { reconciliationPattern, reconciliationsIn } from './flux/reconciliations';
import { fluxProblems, type OurManifest } from './flux/simulate';
import type { TreeAfter } from './flux/tree-after';
import { gitBeside, zeroSeparated } from './git';
import { type GitFacts, gitProblems, readGitFacts, statusArgs } from './git-facts';
import { type FileChange, plan, type Situation, serversIn, type WantedFile } from './plan';
import type { RenderedBefore } from './rendered-before';

/** One of the two places that files are delivered to. */
export interface Target {
  /** The option that names its checkout. */
  readonly option: '--to' | '--dns-to';
  readonly repository: string;
  /** The folder in it that holds our files. */
  readonly base: string;
  /** The folder of the checkout, as it was given. */
  readonly folder: string;
}

/** What a run wants to do, as far as a target has to know. */
export interface Wish {
  /** @default - all servers */
  readonly names?: readonly string[];
  readonly discard: ReadonlySet<string>;
  readonly isRendered: RenderedBefore;
  readonly platform: Platform;
}

/** A target that was looked at: what there is to do, and what is in the way. */
export interface Study {
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
 * Looks at a target; writes nothing.
 * @throws Problem or Problems when the checkout cannot be worked in at all
 */
export async function study(target: Target, files: readonly DistFile[], wish: Wish): Promise<Study> {
  const { base, folder, option } = target;
  const wanted = wantedFiles(target, files);
  requireInside([base, ...wanted.map(({ path }) => path)]);
  const checkout = openCheckout(folder, option);
  const status = gitBeside(checkout.root, statusArgs);
  const reconciliations = option === '--to' ? gitBeside(checkout.root, reconciliationSearch, { answers: [0, 1] }) : '';
  const existing = readExisting(checkout.root, base);
  const facts = readGitFacts(checkout, await status);
  const named = reconciliationFiles(checkout.root, await reconciliations);
  const { names, discard, isRendered, platform } = wish;
  const situation: Situation = {
    wanted,
    existing,
    base,
    tool: platform.tool,
    discard,
    isRendered: (text) => isRendered({ text }),
    ...(names === undefined ? {} : { names }),
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
      ...(option === '--to' ? fluxSimulation(checkout, target, { wanted, changes, existing, facts, named }) : []),
    ],
  };
}

/** Git answers nothing about a path behind a link or inside another repository, and need not be asked. */
function isReachable(problems: readonly Problem[]): (change: FileChange) => boolean {
  const blocked = problems.flatMap(({ code, file }) => (code === 'TARGET-PATH' && file !== undefined ? [file] : []));
  return ({ path }) => !blocked.some((file) => path === file || path.startsWith(`${file}/`));
}

function wantedFiles({ repository, base }: Target, files: readonly DistFile[]): readonly WantedFile[] {
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

/** What was seen of a target, for the simulation. */
interface Seen {
  readonly wanted: readonly WantedFile[];
  readonly changes: readonly FileChange[];
  readonly existing: Existing;
  readonly facts: GitFacts;
  /** The files that define reconciliations, by path. */
  readonly named: ReadonlyMap<string, string>;
}

function fluxSimulation(
  { root }: Checkout,
  { base, repository }: Target,
  { wanted, changes, existing, facts, named }: Seen,
): readonly Problem[] {
  const after = new Map(changes.map(({ path, after }) => [path, after]));
  const rendered = new Map(wanted.map((file) => [file.path, file]));
  const submodules = new Set(facts.submodules);
  const paths = new Set(
    [...facts.paths, ...after.keys()].filter(
      (path) => !submodules.has(path) && !(after.has(path) && after.get(path) === undefined),
    ),
  );
  const tree: TreeAfter = {
    paths,
    read: (path) => {
      const entry = existing.get(path);
      return after.get(path) ?? (entry?.kind === 'file' && entry.text !== '' ? entry.text : readPlain(root, path));
    },
    // What is not chosen stays as it is in the checkout, which need not be what dist/ holds.
    objectsOf: (path) => {
      const file = rendered.get(path);
      const entry = existing.get(path);
      const isAsRendered = after.get(path) !== undefined || (entry?.kind === 'file' && entry.text === file?.text);
      return isAsRendered ? file?.objects : undefined;
    },
  };
  const ours = changes.filter((change) => change.after !== undefined && change.path.endsWith('.yaml')).map(ourManifest);
  return fluxProblems(tree, base, ours, reconciliationsIn(named, repository));
}

function ourManifest({ path, after = '' }: FileChange): OurManifest {
  if (!basename(path).startsWith('sealedsecret')) return { path };
  const sealed = () => {
    const found = manifestsOf(after);
    const secret = (typeof found === 'string' ? [] : found).find(({ object }) => object.kind === 'SealedSecret');
    const metadata = isRecord(secret?.object.metadata) ? secret.object.metadata : {};
    return { scope: scopeIn(metadata), namespace: String(metadata.namespace ?? '') };
  };
  return { path, sealed };
}

function scopeIn({ annotations }: Readonly<Record<string, unknown>>): Scope {
  const texts = Object.entries(isRecord(annotations) ? annotations : {});
  return scopeFromAnnotations(Object.fromEntries(texts.map(([key, value]) => [key, String(value)])));
}

/** The files that define reconciliations, found by git's own search, which reads a large tree faster than anybody. */
const reconciliationSearch = ['grep', '-l', '-z', '-I', '--untracked', '-E', '-e', reconciliationPattern];

function reconciliationFiles(root: string, found: string): ReadonlyMap<string, string> {
  const paths = zeroSeparated(found).filter((path) => /\.ya?ml$/.test(path));
  return new Map(paths.map((path) => [path, readPlain(root, path) ?? '']));
}

/** The text of a plain file; Flux leaves links and the like out of its copy. */
function readPlain(root: string, path: string): string | undefined {
  const full = join(root, path);
  if (!lstatSync(full, { throwIfNoEntry: false })?.isFile()) return undefined;
  return readFileSync(full, 'utf8');
}
