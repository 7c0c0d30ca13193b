import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Scope, scopeAnnotations } from '../../../model/scope';
import { pathWithKustomize } from '../../../testing/processes/kustomize';
import { repository } from '../../../testing/temp-repository';
import type { Tree } from './flux-copy';
import { fluxKustomizations } from './flux-kustomizations';
import { fluxProblems } from './flux-problems';

// The real kustomize judges every tree here.
const path = process.env.PATH;
let kustomizePath: string;
beforeAll(async () => {
  kustomizePath = await pathWithKustomize();
});
beforeEach(() => {
  process.env.PATH = kustomizePath;
});
afterEach(() => {
  process.env.PATH = path;
});

const base = 'apps/mcp';
const own = `${base}/one/sealedsecret.yaml`;
const object = (kind: string, name: string, namespace = 'one', annotations: object = {}) =>
  JSON.stringify({ apiVersion: 'v1', kind, metadata: { name, namespace, annotations } });
const kustomization = (fields: object) => JSON.stringify({ kind: 'Kustomization', ...fields });

type Files = Readonly<Record<string, string>>;

/** What Flux has against delivering one sealed secret into a repository that holds the given files. */
function problemsOf(files: Files, { scope = 'namespace-wide' as Scope, without = [] as readonly string[] } = {}) {
  const text = object('SealedSecret', 's', 'one', scopeAnnotations(scope));
  const after = Object.entries({ [own]: text, ...files }).filter(([file]) => !without.includes(file));
  const isDefined = Object.keys(files).some((file) => file.startsWith('clusters/'));
  return fluxProblems({
    before: treeOf(files),
    after: treeOf(Object.fromEntries(after)),
    base,
    ours: [own],
    kustomizations: isDefined ? fluxKustomizations(repository(files).root, 'fleet') : [],
  });
}

function treeOf(files: Files): Tree {
  const read = (file: string) => (files[file] === undefined ? undefined : Buffer.from(files[file]));
  return { paths: new Set(Object.keys(files)), read, objectsOf: () => undefined };
}

const told = (...given: Parameters<typeof problemsOf>) =>
  problemsOf(...given).map(({ code, file, level }) => `${level} ${code} ${file}`);

/** A Flux Kustomization of a folder of this repository. */
const flux = (folder: string, more: object = {}) =>
  JSON.stringify({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'apps', namespace: 'flux-system' },
    spec: { path: folder, sourceRef: { kind: 'GitRepository', name: 'flux-system' }, ...more },
  });

test('a tree of manifests is taken: lists, empty documents, and what is no manifest to look at but to kustomize', () => {
  const list = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMapList',
    items: [JSON.parse(object('ConfigMap', 'b'))],
  });
  expect(
    told({
      [`${base}/two/a.yml`]: `---\n# nothing\n---\n${object('A', 'a')}`,
      [`${base}/list.yaml`]: list,
      [`${base}/empty.yaml`]: '# nothing at all\n',
      [`${base}/null.yaml`]: 'apiVersion: v1\nkind: A\nmetadata: {name: x}\nspec: {list: [null], when: 2024-01-01}\n',
    }),
  ).toEqual([]);
});

test('each file that stops everything is told, however many there are and whatever its name', () => {
  const files: Files = {
    'text.yaml': 'hello',
    'values.yaml': 'replicas: 1',
    '.hidden.yml': 'apiVersion: v1\nkind: A\nmetadata: {}',
    'deep/er/version.yaml': 'kind: A\nmetadata: {name: a}',
    'twice.yaml': 'apiVersion: v1\nkind: A\nkind: B\nmetadata: {name: a}',
    'broken.yaml': 'a: [b',
    'second.yaml': `${object('A', 'a')}\n---\nhello: 1\n`,
  };
  const ignored = Object.fromEntries(['notes.md', 'values.json', 'x.yaml.txt', 'YAML'].map((name) => [name, 'hello']));
  const placed = Object.entries({ ...files, ...ignored }).map(([name, text]) => [`${base}/${name}`, text]);
  expect(told(Object.fromEntries(placed)).sort()).toEqual(
    Object.keys(files)
      .map((name) => `error NOT-A-MANIFEST ${base}/${name}`)
      .sort(),
  );
});

test('kustomize’s own reason is told, without a place on this machine', () => {
  const [problem] = problemsOf({ [`${base}/values.yaml`]: 'replicas: 1' });
  expect(problem?.message).toMatch(/values\.yaml.*missing Resource metadata/);
  expect(problem?.message).not.toContain(tmpdir());
});

test('the same object in two files is refused, and no namespace is the one named default', () => {
  const file = `${base}/two/x.yaml`;
  expect(told({ [file]: object('SealedSecret', 's') })).toEqual([`error DUPLICATE-OBJECT ${file}`]);
  expect(told({ [file]: object('SealedSecret', 's', 'two') })).toEqual([]);
  const bare = 'apiVersion: v1\nkind: A\nmetadata: {name: a}\n';
  expect(told({ [file]: object('A', 'a', 'default'), [`${base}/y.yaml`]: bare })).toEqual([
    `error DUPLICATE-OBJECT ${base}/y.yaml`,
  ]);
});

test('what lies in a namespace has to say in which one, unless something above says it', () => {
  const file = `${base}/x.yaml`;
  const bare = (kind: string, apiVersion = 'v1') => JSON.stringify({ apiVersion, kind, metadata: { name: 'x' } });
  const [problem, ...others] = problemsOf({ [file]: bare('ConfigMap') });
  expect([problem?.code, problem?.message, others]).toEqual([
    'NOT-A-MANIFEST',
    expect.stringContaining('namespace'),
    [],
  ]);
  expect(told({ [file]: bare('Kustomization', 'kustomize.toolkit.fluxcd.io/v1') })).toHaveLength(1);
  // Whether an object of somebody's own kind lies in one is known to the cluster alone.
  for (const object of [
    bare('Namespace'),
    bare('ClusterRole', 'rbac.authorization.k8s.io/v1'),
    bare('X', 'x.com/v1'),
  ]) {
    expect(told({ [file]: object })).toEqual([]);
  }
  const above = { [`${base}/two/kustomization.yaml`]: kustomization({ resources: ['x.yaml'], namespace: 'two' }) };
  expect(told({ ...above, [`${base}/two/x.yaml`]: bare('ConfigMap') })).toEqual([]);
});

test('more objects than are built at once are compared with each other all the same', () => {
  const many = Object.fromEntries(
    Array.from({ length: 401 }, (_, index) => [
      `${base}/${String(index).padStart(3, '0')}.yaml`,
      object('A', `a${index}`),
    ]),
  );
  expect(told({ ...many, [`${base}/z.yaml`]: object('A', 'a0') })).toEqual([`error DUPLICATE-OBJECT ${base}/z.yaml`]);
});

test('what .sourceignore leaves out is not read, and a rule that leaves us out is told', () => {
  expect(told({ '.sourceignore': 'values.yaml\n', [`${base}/values.yaml`]: 'hello' })).toEqual([]);
  expect(told({ '.sourceignore': 'apps/\n' })).toEqual([`warning FLUX-UNREAD ${own}`]);
});

describe('a kustomization file', () => {
  test('below decides for its folder', () => {
    const files = { [`${base}/two/kustomization.yaml`]: kustomization({ resources: ['a.yaml'] }) };
    expect(told({ ...files, [`${base}/two/a.yaml`]: object('A', 'a'), [`${base}/two/values.yaml`]: 'x' })).toEqual([]);
    expect(told(files)).toEqual([`error FLUX-BUILD ${base}/two/kustomization.yaml`]);
  });

  test('at the top reads us only when it says so', () => {
    const file = `${base}/kustomization.yaml`;
    expect(told({ [file]: kustomization({ resources: [] }) })).toEqual([`warning FLUX-UNREAD ${own}`]);
    expect(told({ [file]: kustomization({ resources: ['one/sealedsecret.yaml'] }) })).toEqual([]);
    expect(told({ [file]: kustomization({ resources: ['one'] }) })).toEqual([
      `error FLUX-BUILD ${file}`,
      `warning FLUX-UNREAD ${own}`,
    ]);
  });

  test('that wants something from elsewhere is built without it, and that is told', () => {
    const file = `${base}/kustomization.yaml`;
    const resources = ['one/sealedsecret.yaml', 'https://example.com/x', 'git@example.com:a/b'];
    expect(told({ [file]: kustomization({ resources }) })).toEqual([
      `warning FLUX-UNCHECKED ${file}`,
      `warning FLUX-UNCHECKED ${file}`,
    ]);
  });

  test.each([
    ['namePrefix', 'x-', 'strict', true],
    ['nameSuffix', '-x', 'strict', true],
    ['namespace', 'x', 'strict', true],
    ['namespace', 'one', 'strict', false],
    ['namePrefix', 'x-', 'namespace-wide', true],
    ['namePrefix', 'x-', 'cluster-wide', true],
    ['namespace', 'x', 'namespace-wide', true],
    ['namespace', 'x', 'cluster-wide', false],
  ] as const)('with %s %s and a %s seal: refused is %s', (field, value, scope, isRefused) => {
    for (const folder of ['', 'apps/', `${base}/one/`]) {
      const content = kustomization({ resources: [own.slice(folder.length)], [field]: value });
      const problems = told({ [`${folder}kustomization.yml`]: content }, { scope });
      expect([folder, problems]).toEqual([folder, isRefused ? [`error FLUX-TRANSFORM ${own}`] : []]);
    }
  });

  test('with a patch that renames us is refused as well', () => {
    const patch = [{ op: 'replace', path: '/metadata/name', value: 'other' }];
    const patches = [{ target: { kind: 'SealedSecret' }, patch: JSON.stringify(patch) }];
    const resources = ['one/sealedsecret.yaml'];
    const file = { [`${base}/kustomization.yaml`]: kustomization({ resources, patches }) };
    expect(told(file)).toEqual([`error FLUX-TRANSFORM ${own}`]);
  });

  test('elsewhere counts when it leads to us', () => {
    const files = {
      'clusters/prod/kustomization.yaml': kustomization({ resources: ['../../apps/mcp'], namePrefix: 'x-' }),
      [`${base}/kustomization.yaml`]: kustomization({ resources: ['one/sealedsecret.yaml'] }),
    };
    expect(told(files)).toEqual([]);
    const [problem, ...others] = problemsOf({ ...files, 'clusters/flux.yaml': flux('./clusters/prod') });
    expect([problem?.code, others]).toEqual(['FLUX-TRANSFORM', []]);
    expect(problem?.message).toContain('through clusters/flux.yaml its name becomes "x-s"');
  });

  test('elsewhere that cannot be built is told when it is this change that breaks it', () => {
    const lists = (...resources: string[]) => ({
      'clusters/prod/kustomization.yaml': kustomization({ resources }),
      'clusters/flux.yaml': flux('./clusters/prod'),
    });
    expect(told(lists('nowhere.yaml'))).toEqual([]);
    const old = `${base}/two/old.yaml`;
    const files = { ...lists('../../apps/mcp/two/old.yaml'), [old]: object('A', 'a') };
    expect(told(files)).toEqual([]);
    expect(told(files, { without: [old] })).toEqual(['error FLUX-BUILD clusters/prod/kustomization.yaml']);
  });

  test('that lists itself is kustomize’s to refuse', () => {
    expect(
      told({
        [`${base}/two/kustomization.yaml`]: kustomization({ resources: ['../three'] }),
        [`${base}/three/kustomization.yaml`]: kustomization({ resources: ['../two'] }),
      }),
    ).toEqual([`error FLUX-BUILD ${base}/three/kustomization.yaml`, `error FLUX-BUILD ${base}/two/kustomization.yaml`]);
  });
});

describe('a Flux Kustomization that the repository defines', () => {
  test('says how much is read', () => {
    expect(told({ 'apps/other/values.yaml': 'hello' })).toEqual([]);
    expect(told({ 'apps/other/values.yaml': 'hello', 'clusters/apps.yaml': flux('./apps') })).toEqual([
      'error NOT-A-MANIFEST apps/other/values.yaml',
    ]);
  });

  test.each([{ targetNamespace: 'x' }, { namePrefix: 'x-' }, { components: ['../components/prefix'] }])(
    'moves or renames us with %p',
    (more) => {
      const component = kustomization({
        apiVersion: 'kustomize.config.k8s.io/v1alpha1',
        kind: 'Component',
        namePrefix: 'x-',
      });
      const files = { 'clusters/apps.yaml': flux('apps/', more), 'components/prefix/kustomization.yaml': component };
      expect(told(files)).toEqual([`error FLUX-TRANSFORM ${own}`]);
    },
  );

  test('has a say before the file of its folder, which may be empty or have a typo as nowhere else', () => {
    const listing = { resources: ['mcp/one/sealedsecret.yaml'] };
    const above = (fields: object, more: object = {}) => ({
      'apps/kustomization.yaml': kustomization({ ...listing, ...fields }),
      'clusters/apps.yaml': flux('./apps', more),
    });
    const [problem] = problemsOf(above({ namePrefix: 'x-' }, { namePrefix: 'y-' }));
    expect(problem?.message).toContain('its name becomes "y-s"');
    expect(told(above({ namPrefix: 'x-' }))).toEqual([]);
    const empty = { ...above({}), 'apps/kustomization.yaml': '# nothing\n' };
    expect(told(empty)).toEqual([`warning FLUX-UNREAD ${own}`]);
    expect(
      told({ ...above({}), [`${base}/two/kustomization.yaml`]: kustomization({ ...listing, namPrefix: 'x-' }) }),
    ).toEqual([]);
  });

  test('may do without a component that is not there, if it says so', () => {
    const files = (more: object) => ({ 'clusters/apps.yaml': flux('./apps', { components: ['../nowhere'], ...more }) });
    expect(told(files({}))).toEqual(['error FLUX-BUILD clusters/apps.yaml', `warning FLUX-UNREAD ${own}`]);
    expect(told(files({ ignoreMissingComponents: true }))).toEqual([]);
  });

  test('does not count when it reads another repository', () => {
    const source = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' };
    const files = (url: string) => ({
      'apps/x.yaml': 'hello',
      'clusters/apps.yaml': flux('./apps'),
      'clusters/source.yaml': JSON.stringify({ ...source, metadata: { name: 'flux-system' }, spec: { url } }),
    });
    expect(told(files('https://example.com/other/manifests.git'))).toEqual([]);
    expect(told(files('ssh://git@example.com/us/fleet.git'))).toEqual(['error NOT-A-MANIFEST apps/x.yaml']);
  });

  test('is found whatever attributes and colours the repository and its user have', () => {
    const files = {
      'clusters/apps.yaml': flux('./apps', { targetNamespace: 'x' }),
      '.gitattributes': '*.yaml -diff\n',
    };
    const target = repository(files);
    target.git('config', 'color.ui', 'always');
    target.git('config', 'color.grep', 'always');
    expect(fluxKustomizations(target.root, 'fleet')).toEqual([
      { path: 'apps', file: 'clusters/apps.yaml', changes: { namespace: 'x' } },
    ]);
  });
});

test('where none of the programs is installed, what was not checked is named; our own files need none', () => {
  process.env.PATH = mkdtempSync(join(tmpdir(), 'no-programs-'));
  const situation = (files: Files) => {
    const after = {
      ...treeOf(files),
      objectsOf: (file: string) => (file === own ? ['/SealedSecret/one/s'] : undefined),
    };
    return { before: treeOf({}), after, base, ours: [own], kustomizations: [] };
  };
  const files = { [own]: object('SealedSecret', 's') };
  expect(fluxProblems(situation(files))).toEqual([]);
  const [problem, ...others] = fluxProblems(situation({ ...files, [`${base}/theirs.yaml`]: object('A', 'a') }));
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ code: 'FLUX-UNCHECKED', level: 'delivery', fix: expect.stringContaining('kubectl') });
  expect(problem?.message).toContain(`${base}/theirs.yaml`);
});
