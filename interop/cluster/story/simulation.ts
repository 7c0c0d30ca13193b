import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import type { Tree } from '../../../gitops/deliver/flux/flux-copy';
import { fluxKustomizations } from '../../../gitops/deliver/flux/flux-kustomizations';
import { fluxProblems } from '../../../gitops/deliver/flux/flux-problems';
import { metadataOf, objectsIn } from '../../../gitops/deliver/flux/manifests';
import { endingOf, outputTail } from '../../../testing/processes/program';
import { type Repository, repository } from '../../../testing/temp-repository';
import { seen } from '../../seen';
import { fileTrees } from '../trees/files';
import { specTrees, treesAbove, treesBeside } from '../trees/kustomizations';
import { type ForeignTree, object, own } from '../trees/tree';
import type { Story } from './story';

/** What happens to a delivery into a tree: Flux refuses all of it, applies our sealed secret unchanged, or does not. */
interface Verdict {
  readonly outcome: 'refused' | 'applied' | 'lost' | 'not looked at';
  readonly reason: string;
}

type Files = ForeignTree['files'];

const sealed = object('SealedSecret', 'one', 'one', { apiVersion: 'bitnami.com/v1alpha1' });
const definition = 'clusters/apps.yaml';

/** 7: deliver predicts for each tree what `flux build kustomization` does. */
export function proveSimulation(story: () => Story): void {
  const path = process.env.PATH;
  afterAll(() => {
    process.env.PATH = path;
  });

  const agrees = async (program: 'flux' | 'kubectl', trees: Readonly<Record<string, ForeignTree>>) => {
    const { programs } = story().cluster.plane;
    process.env.PATH = pathWith(programs[program]);
    const compared: { readonly name: string; readonly flux: Verdict; readonly ours: Verdict }[] = [];
    for (const [name, tree] of Object.entries(trees)) {
      const files = { ...tree.files, [own]: sealed, [definition]: JSON.stringify(kustomizationOf(tree)) };
      // Flux builds while deliver, which runs its programs synchronously, checks the same tree.
      const [building, ours] = [byFlux(programs.flux, files), byDeliver(files)];
      const flux = await building;
      compared.push({ name, flux: { ...flux, outcome: tree.ours ?? flux.outcome }, ours });
    }
    for (const { name, flux, ours } of compared) {
      if (flux.outcome === ours.outcome) continue;
      seen(`${name}: Flux: ${flux.outcome} ${flux.reason}; deliver: ${ours.outcome} ${ours.reason}`);
    }
    const count = (wanted: string) => compared.filter(({ flux }) => flux.outcome === wanted).length;
    seen(
      `${compared.length} trees: Flux refuses ${count('refused')}, and changes or drops our object in ${count('lost')}`,
    );
    const outcomes = (by: 'flux' | 'ours') => Object.fromEntries(compared.map((each) => [each.name, each[by].outcome]));
    expect(outcomes('ours')).toEqual(outcomes('flux'));
  };

  test.each([
    ['files of other owners', fileTrees],
    ['kustomization files in a sibling folder', treesBeside],
    ['kustomization files in a parent folder', treesAbove],
    ['fields of a Flux Kustomization', specTrees],
  ])('%s: with kubectl, deliver predicts what Flux builds and refuses', (_, trees) => agrees('kubectl', trees));

  test('with flux, deliver predicts the same for kustomization files in a parent folder', () =>
    agrees('flux', treesAbove));
}

/** A PATH with git and one program that can build kustomizations. */
function pathWith(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'path-'));
  const git = (process.env.PATH ?? '').split(delimiter).map((place) => join(place, 'git'));
  for (const file of [program, git.find((place) => existsSync(place)) ?? 'git']) {
    symlinkSync(file, join(folder, basename(file)));
  }
  return folder;
}

function kustomizationOf({ spec }: ForeignTree) {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'apps', namespace: 'flux-system' },
    spec: {
      interval: '10m',
      prune: true,
      path: './apps',
      sourceRef: { kind: 'GitRepository', name: 'fleet' },
      ...spec,
    },
  };
}

async function byFlux(flux: string, files: Files): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'flux-build-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const flags = ['--path', './apps', '--kustomization-file', definition, '--dry-run'];
  const ending = await endingOf(flux, ['build', 'kustomization', 'apps', ...flags], { cwd: folder });
  rmSync(folder, { recursive: true });
  const reason = outputTail(ending, 3).slice(-300);
  if (ending.code !== 0) return { outcome: 'refused', reason };
  const isOurs = objectsIn(ending.stdout).some(({ object }) => {
    const { name, namespace } = metadataOf(object);
    return object.kind === 'SealedSecret' && name === 'one' && namespace === 'one';
  });
  return { outcome: isOurs ? 'applied' : 'lost', reason };
}

function byDeliver(files: Files): Verdict {
  const problems = fluxProblems({
    before: treeOf(Object.fromEntries(Object.entries(files).filter(([path]) => path !== own))),
    after: treeOf(files),
    base: 'apps/mcp',
    ours: [own],
    kustomizations: kustomizationsIn(String(files[definition])),
  });
  const codes = problems.map(({ code }) => code);
  const reason = problems.map(({ code, message }) => `${code} ${message}`).join('; ');
  const has = (...wanted: readonly string[]) => codes.some((code) => wanted.includes(code));
  if (has('FLUX-BUILD', 'NOT-A-MANIFEST', 'DUPLICATE-OBJECT')) return { outcome: 'refused', reason };
  if (has('FLUX-TRANSFORM', 'FLUX-UNREAD')) return { outcome: 'lost', reason };
  return { outcome: has('FLUX-UNCHECKED') ? 'not looked at' : 'applied', reason };
}

/** The Flux Kustomizations that deliver finds in a checkout, which all trees share. */
function kustomizationsIn(text: string) {
  checkout ??= repository();
  checkout.write(definition, text);
  return fluxKustomizations(checkout.root, 'fleet');
}

let checkout: Repository | undefined;

function treeOf(files: Files): Tree {
  const read = (path: string) => (files[path] === undefined ? undefined : Buffer.from(files[path]));
  const known = ['bitnami.com/SealedSecret/one/one'];
  return { paths: new Set(Object.keys(files)), read, objectsOf: (path) => (path === own ? known : undefined) };
}
