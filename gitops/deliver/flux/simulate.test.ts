import type { Scope } from '../../../model/sealed';
import { reconciliationsIn } from './reconciliations';
import { fluxProblems } from './simulate';

const base = 'apps/mcp';
const own = `${base}/one/sealedsecret.yaml`;
const object = (kind: string, name: string, namespace = 'one') =>
  `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\n`;
const kustomization = (fields: object) => JSON.stringify({ kind: 'Kustomization', ...fields });

/** What Flux has against a tree that holds one file of ours and the given ones. */
function problems(files: Readonly<Record<string, string>>, scope: Scope = 'strict') {
  const all: Readonly<Record<string, string>> = { [own]: object('SealedSecret', 's'), ...files };
  const tree = { paths: new Set(Object.keys(all)), read: (path: string) => all[path], objectsOf: () => undefined };
  const ours = [{ path: own, sealed: () => ({ scope, namespace: 'one' }) }];
  const known = reconciliationsIn(new Map(Object.entries(all).filter(([, text]) => text.includes('toolkit'))), 'k8s');
  return fluxProblems(tree, base, ours, known).map(({ code, file, level }) => `${level} ${code} ${file}`);
}

/** A Flux Kustomization of a folder of this repository. */
const flux = (path: string, more: object = {}) =>
  JSON.stringify({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'apps', namespace: 'flux-system' },
    spec: { path, sourceRef: { kind: 'GitRepository', name: 'flux-system' }, ...more },
  });

test('a tree of manifests is taken', () => {
  const list =
    'apiVersion: v1\nkind: ConfigMapList\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: b}\n';
  expect(
    problems({ [`${base}/two/a.yml`]: `---\n# nothing\n---\n${object('A', 'a')}`, [`${base}/list.yaml`]: list }),
  ).toEqual([]);
});

describe('one file stops everything', () => {
  test.each([
    ['text', 'hello'],
    ['values', 'replicas: 1'],
    ['no name', 'apiVersion: v1\nkind: A\nmetadata: {}'],
    ['no version', 'kind: A\nmetadata: {name: a}'],
    ['an empty item', 'apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: {list: [null]}'],
    ['a key twice', `${object('A', 'a')}kind: B\n`],
    ['broken YAML', 'a: [b'],
    ['a second document', `${object('A', 'a')}---\nhello: 1\n`],
  ])('%s', (_, text) => {
    for (const name of ['values.yaml', '.hidden.yml', 'deep/er/x.yaml']) {
      expect(problems({ [`${base}/${name}`]: text })).toEqual([`error NOT-A-MANIFEST ${base}/${name}`]);
    }
  });

  test.each(['notes.md', 'values.json', 'x.yaml.txt', 'YAML'])('but Flux does not read %s', (name) => {
    expect(problems({ [`${base}/${name}`]: 'hello' })).toEqual([]);
  });
});

test('the same object in two files is refused, and no namespace is the one named default', () => {
  const file = `${base}/two/x.yaml`;
  expect(problems({ [file]: object('SealedSecret', 's') })).toEqual([`error DUPLICATE-OBJECT ${file}`]);
  expect(problems({ [file]: object('SealedSecret', 's', 'two') })).toEqual([]);
  const bare = object('A', 'a').replace(/ {2}namespace.*\n/, '');
  expect(problems({ [file]: object('A', 'a', 'default'), [`${base}/y.yaml`]: bare })).toEqual([
    `error DUPLICATE-OBJECT ${base}/y.yaml`,
  ]);
});

describe('what .sourceignore leaves out is not read', () => {
  test.each([
    ['at the root', '.sourceignore', 'apps/**/values.yaml\n'],
    ['beside it', `${base}/.sourceignore`, 'values.yaml\n'],
    [
      'taken back later, with what go-git takes back and git does not',
      '.sourceignore',
      `/*\n!/${base}\n${base}/values.yaml\n`,
    ],
  ])('%s', (_, file, rules) => {
    expect(problems({ [file]: rules, [`${base}/values.yaml`]: 'hello' })).toEqual([]);
  });

  test('and a rule that leaves us out is told', () => {
    expect(problems({ '.sourceignore': 'apps/\n' })).toEqual([`warning FLUX-UNREAD ${own}`]);
  });

  test('with the list that Flux has itself', () => {
    expect(problems({ [`${base}/.sops.yaml`]: 'creation_rules: []', [`${base}/.github/x.yaml`]: 'on: push' })).toEqual(
      [],
    );
  });
});

describe('a kustomization file', () => {
  test('below decides for its folder', () => {
    const files = { [`${base}/two/kustomization.yaml`]: kustomization({ resources: ['a.yaml'] }) };
    expect(problems({ ...files, [`${base}/two/a.yaml`]: object('A', 'a'), [`${base}/two/values.yaml`]: 'x' })).toEqual(
      [],
    );
    expect(problems(files)).toEqual([`error FLUX-BUILD ${base}/two/kustomization.yaml`]);
  });

  test('at the top reads us only when it says so', () => {
    const file = `${base}/kustomization.yaml`;
    expect(problems({ [file]: kustomization({ resources: [] }) })).toEqual([`warning FLUX-UNREAD ${own}`]);
    expect(
      problems({ [file]: kustomization({ resources: ['one/sealedsecret.yaml', 'https://example.com/x'] }) }),
    ).toEqual([]);
    expect(problems({ [file]: kustomization({ resources: ['one'] }) })).toEqual([
      `error FLUX-BUILD ${file}`,
      `warning FLUX-UNREAD ${own}`,
    ]);
  });

  test.each([
    ['namePrefix', 'x-', 'strict', true],
    ['nameSuffix', '-x', 'strict', true],
    ['namespace', 'x', 'strict', true],
    ['namespace', 'one', 'strict', false],
    ['namePrefix', 'x-', 'namespace-wide', false],
    ['namespace', 'x', 'namespace-wide', true],
    ['namespace', 'x', 'cluster-wide', false],
  ] as const)('above with %s %s and a %s seal: refused is %s', (field, value, scope, isRefused) => {
    for (const file of ['kustomization.yml', 'apps/Kustomization', `${base}/one/kustomization.yaml`]) {
      const content = kustomization({ resources: [], [field]: value });
      const refused = problems({ [file]: content }, scope).includes(`error FLUX-TRANSFORM ${file}`);
      expect(refused).toBe(isRefused);
    }
  });

  test('elsewhere counts when it leads to us', () => {
    const files = {
      'clusters/prod/kustomization.yaml': kustomization({ resources: ['../../apps/mcp'], namePrefix: 'x-' }),
      [`${base}/kustomization.yaml`]: kustomization({ resources: ['one/sealedsecret.yaml'] }),
    };
    expect(problems(files)).toEqual([]);
    expect(problems({ ...files, 'clusters/flux.yaml': flux('./clusters/prod') })).toEqual([
      'error FLUX-TRANSFORM clusters/prod/kustomization.yaml',
    ]);
  });

  test('that lists itself comes to an end', () => {
    expect(
      problems({
        [`${base}/two/kustomization.yaml`]: kustomization({ resources: ['../two', '../three'] }),
        [`${base}/three/kustomization.yaml`]: kustomization({ resources: ['../two'] }),
      }),
    ).toEqual([]);
  });
});

describe('a reconciliation that the repository defines', () => {
  test('says how much is read', () => {
    expect(problems({ 'apps/other/values.yaml': 'hello' })).toEqual([]);
    expect(problems({ 'apps/other/values.yaml': 'hello', 'clusters/apps.yaml': flux('./apps') })).toEqual([
      'error NOT-A-MANIFEST apps/other/values.yaml',
    ]);
  });

  test.each([{ targetNamespace: 'x' }, { namePrefix: 'x-' }])('moves or renames us with %p', (more) => {
    expect(problems({ 'clusters/apps.yaml': flux('apps/', more) })).toEqual([
      'error FLUX-TRANSFORM clusters/apps.yaml',
    ]);
  });

  test('does not count when it reads another repository', () => {
    const source = {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'flux-system' },
    };
    const files = (url: string) => ({
      'apps/x.yaml': 'hello',
      'clusters/apps.yaml': flux('./'),
      'clusters/source.yaml': JSON.stringify({ ...source, spec: { url } }),
    });
    expect(problems(files('https://example.com/other/manifests.git'))).toEqual([]);
    expect(problems(files('ssh://git@example.com/us/k8s.git'))).toContain('error NOT-A-MANIFEST apps/x.yaml');
  });
});
