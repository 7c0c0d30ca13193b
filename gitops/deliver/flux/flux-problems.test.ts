import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Scope, scopeAnnotations } from '../../../model/scope';
import { pathWithKustomize } from '../../../testing/processes/kustomize';
import { repository } from '../../../testing/temp-repository';
import type { Tree } from './flux-copy';
import { fluxKustomizations } from './flux-kustomizations';
import { fluxProblems } from './flux-problems';

// These tests run the real kustomize.
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

/** The problems of delivering one sealed secret to a repository with the given files. */
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

const found = (...given: Parameters<typeof problemsOf>) =>
  problemsOf(...given).map(({ code, file, level }) => `${level} ${code} ${file}`);

/** A Flux Kustomization of a folder of this repository. */
const flux = (folder: string, more: object = {}) =>
  JSON.stringify({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'apps', namespace: 'flux-system' },
    spec: { path: folder, sourceRef: { kind: 'GitRepository', name: 'flux-system' }, ...more },
  });

test('accepts manifests, lists, empty documents, and unusual YAML that kustomize accepts', () => {
  const list = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMapList',
    items: [JSON.parse(object('ConfigMap', 'b'))],
  });
  expect(
    found({
      [`${base}/two/a.yml`]: `---\n# nothing\n---\n${object('A', 'a')}`,
      [`${base}/list.yaml`]: list,
      [`${base}/empty.yaml`]: '# nothing at all\n',
      [`${base}/null.yaml`]: 'apiVersion: v1\nkind: A\nmetadata: {name: x}\nspec: {list: [null], when: 2024-01-01}\n',
    }),
  ).toEqual([]);
});

test('reports every file that is not a manifest', () => {
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
  expect(found(Object.fromEntries(placed)).sort()).toEqual(
    Object.keys(files)
      .map((name) => `error NOT-A-MANIFEST ${base}/${name}`)
      .sort(),
  );
});

test('quotes the error of kustomize without local paths', () => {
  const [problem] = problemsOf({ [`${base}/values.yaml`]: 'replicas: 1' });
  expect(problem?.message).toMatch(/values\.yaml.*missing Resource metadata/);
  expect(problem?.message).not.toContain(tmpdir());
});

test('rejects the same object in two files, treating no namespace as "default"', () => {
  const file = `${base}/two/x.yaml`;
  expect(found({ [file]: object('SealedSecret', 's') })).toEqual([`error DUPLICATE-OBJECT ${file}`]);
  expect(found({ [file]: object('SealedSecret', 's', 'two') })).toEqual([]);
  const bare = 'apiVersion: v1\nkind: A\nmetadata: {name: a}\n';
  expect(found({ [file]: object('A', 'a', 'default'), [`${base}/y.yaml`]: bare })).toEqual([
    `error DUPLICATE-OBJECT ${base}/y.yaml`,
  ]);
});

test('rejects a namespaced object without a namespace, unless a kustomization sets it', () => {
  const file = `${base}/x.yaml`;
  const bare = (kind: string, apiVersion = 'v1') => JSON.stringify({ apiVersion, kind, metadata: { name: 'x' } });
  const [problem, ...others] = problemsOf({ [file]: bare('ConfigMap') });
  expect([problem?.code, problem?.message, others]).toEqual([
    'NOT-A-MANIFEST',
    expect.stringContaining('namespace'),
    [],
  ]);
  expect(found({ [file]: bare('Kustomization', 'kustomize.toolkit.fluxcd.io/v1') })).toHaveLength(1);
  // Only the cluster knows whether a custom kind is namespaced.
  for (const object of [
    bare('Namespace'),
    bare('ClusterRole', 'rbac.authorization.k8s.io/v1'),
    bare('X', 'x.com/v1'),
  ]) {
    expect(found({ [file]: object })).toEqual([]);
  }
  const above = { [`${base}/two/kustomization.yaml`]: kustomization({ resources: ['x.yaml'], namespace: 'two' }) };
  expect(found({ ...above, [`${base}/two/x.yaml`]: bare('ConfigMap') })).toEqual([]);
});

test('finds duplicates across build batches', () => {
  const many = Object.fromEntries(
    Array.from({ length: 401 }, (_, index) => [
      `${base}/${String(index).padStart(3, '0')}.yaml`,
      object('A', `a${index}`),
    ]),
  );
  expect(found({ ...many, [`${base}/z.yaml`]: object('A', 'a0') })).toEqual([`error DUPLICATE-OBJECT ${base}/z.yaml`]);
});

test('skips files in .sourceignore, and warns if it contains ours', () => {
  expect(found({ '.sourceignore': 'values.yaml\n', [`${base}/values.yaml`]: 'hello' })).toEqual([]);
  expect(found({ '.sourceignore': 'apps/\n' })).toEqual([`warning FLUX-UNREAD ${own}`]);
});

describe('a kustomization file', () => {
  test('in a nested folder decides for that folder', () => {
    const files = { [`${base}/two/kustomization.yaml`]: kustomization({ resources: ['a.yaml'] }) };
    expect(found({ ...files, [`${base}/two/a.yaml`]: object('A', 'a'), [`${base}/two/values.yaml`]: 'x' })).toEqual([]);
    expect(found(files)).toEqual([`error FLUX-BUILD ${base}/two/kustomization.yaml`]);
  });

  test('in our folder must list our files', () => {
    const file = `${base}/kustomization.yaml`;
    expect(found({ [file]: kustomization({ resources: [] }) })).toEqual([`warning FLUX-UNREAD ${own}`]);
    expect(found({ [file]: kustomization({ resources: ['one/sealedsecret.yaml'] }) })).toEqual([]);
    expect(found({ [file]: kustomization({ resources: ['one'] }) })).toEqual([
      `error FLUX-BUILD ${file}`,
      `warning FLUX-UNREAD ${own}`,
    ]);
  });

  test('with remote entries is built without them, with a warning for each', () => {
    const file = `${base}/kustomization.yaml`;
    const resources = ['one/sealedsecret.yaml', 'https://example.com/x', 'git@example.com:a/b'];
    expect(found({ [file]: kustomization({ resources }) })).toEqual([
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
  ] as const)('with %s %s and a %s seal is rejected: %s', (field, value, scope, isRefused) => {
    for (const folder of ['', 'apps/', `${base}/one/`]) {
      const content = kustomization({ resources: [own.slice(folder.length)], [field]: value });
      const problems = found({ [`${folder}kustomization.yml`]: content }, { scope });
      expect([folder, problems]).toEqual([folder, isRefused ? [`error FLUX-TRANSFORM ${own}`] : []]);
    }
  });

  test('with a patch that renames our secret is rejected', () => {
    const patch = [{ op: 'replace', path: '/metadata/name', value: 'other' }];
    const patches = [{ target: { kind: 'SealedSecret' }, patch: JSON.stringify(patch) }];
    const resources = ['one/sealedsecret.yaml'];
    const file = { [`${base}/kustomization.yaml`]: kustomization({ resources, patches }) };
    expect(found(file)).toEqual([`error FLUX-TRANSFORM ${own}`]);
  });

  test('in another folder is checked if Flux reads our files through it', () => {
    const files = {
      'clusters/prod/kustomization.yaml': kustomization({ resources: ['../../apps/mcp'], namePrefix: 'x-' }),
      [`${base}/kustomization.yaml`]: kustomization({ resources: ['one/sealedsecret.yaml'] }),
    };
    expect(found(files)).toEqual([]);
    const [problem, ...others] = problemsOf({ ...files, 'clusters/flux.yaml': flux('./clusters/prod') });
    expect([problem?.code, others]).toEqual(['FLUX-TRANSFORM', []]);
    expect(problem?.message).toContain('clusters/flux.yaml would change it: its name becomes "x-s"');
  });

  test('in another folder that does not build is reported only if this change breaks it', () => {
    const lists = (...resources: string[]) => ({
      'clusters/prod/kustomization.yaml': kustomization({ resources }),
      'clusters/flux.yaml': flux('./clusters/prod'),
    });
    expect(found(lists('nowhere.yaml'))).toEqual([]);
    const old = `${base}/two/old.yaml`;
    const files = { ...lists('../../apps/mcp/two/old.yaml'), [old]: object('A', 'a') };
    expect(found(files)).toEqual([]);
    expect(found(files, { without: [old] })).toEqual(['error FLUX-BUILD clusters/prod/kustomization.yaml']);
  });

  test('that includes itself is rejected by kustomize', () => {
    expect(
      found({
        [`${base}/two/kustomization.yaml`]: kustomization({ resources: ['../three'] }),
        [`${base}/three/kustomization.yaml`]: kustomization({ resources: ['../two'] }),
      }),
    ).toEqual([`error FLUX-BUILD ${base}/three/kustomization.yaml`, `error FLUX-BUILD ${base}/two/kustomization.yaml`]);
  });
});

describe('a Flux Kustomization in the repository', () => {
  test('decides which folder is read', () => {
    expect(found({ 'apps/other/values.yaml': 'hello' })).toEqual([]);
    expect(found({ 'apps/other/values.yaml': 'hello', 'clusters/apps.yaml': flux('./apps') })).toEqual([
      'error NOT-A-MANIFEST apps/other/values.yaml',
    ]);
  });

  test.each([{ targetNamespace: 'x' }, { namePrefix: 'x-' }, { components: ['../components/prefix'] }])(
    'is rejected if it moves or renames our secret with %p',
    (more) => {
      const component = kustomization({
        apiVersion: 'kustomize.config.k8s.io/v1alpha1',
        kind: 'Component',
        namePrefix: 'x-',
      });
      const files = { 'clusters/apps.yaml': flux('apps/', more), 'components/prefix/kustomization.yaml': component };
      expect(found(files)).toEqual([`error FLUX-TRANSFORM ${own}`]);
    },
  );

  test('overrides the file of its folder, which may be empty or have unknown fields', () => {
    const listing = { resources: ['mcp/one/sealedsecret.yaml'] };
    const above = (fields: object, more: object = {}) => ({
      'apps/kustomization.yaml': kustomization({ ...listing, ...fields }),
      'clusters/apps.yaml': flux('./apps', more),
    });
    const [problem] = problemsOf(above({ namePrefix: 'x-' }, { namePrefix: 'y-' }));
    expect(problem?.message).toContain('its name becomes "y-s"');
    expect(found(above({ namPrefix: 'x-' }))).toEqual([]);
    const empty = { ...above({}), 'apps/kustomization.yaml': '# nothing\n' };
    expect(found(empty)).toEqual([`warning FLUX-UNREAD ${own}`]);
    expect(
      found({ ...above({}), [`${base}/two/kustomization.yaml`]: kustomization({ ...listing, namPrefix: 'x-' }) }),
    ).toEqual([]);
  });

  test('may list a missing component with ignoreMissingComponents', () => {
    const files = (more: object) => ({ 'clusters/apps.yaml': flux('./apps', { components: ['../nowhere'], ...more }) });
    expect(found(files({}))).toEqual(['error FLUX-BUILD clusters/apps.yaml', `warning FLUX-UNREAD ${own}`]);
    expect(found(files({ ignoreMissingComponents: true }))).toEqual([]);
  });

  test('is ignored if it reads another repository', () => {
    const source = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' };
    const files = (url: string) => ({
      'apps/x.yaml': 'hello',
      'clusters/apps.yaml': flux('./apps'),
      'clusters/source.yaml': JSON.stringify({ ...source, metadata: { name: 'flux-system' }, spec: { url } }),
    });
    expect(found(files('https://example.com/other/manifests.git'))).toEqual([]);
    expect(found(files('ssh://git@example.com/us/fleet.git'))).toEqual(['error NOT-A-MANIFEST apps/x.yaml']);
  });

  test('is found despite .gitattributes and color settings', () => {
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

test('without any program, lists the unchecked files, but not our own', () => {
  process.env.PATH = mkdtempSync(join(tmpdir(), 'no-programs-'));
  const input = (files: Files) => {
    const after = {
      ...treeOf(files),
      objectsOf: (file: string) => (file === own ? ['/SealedSecret/one/s'] : undefined),
    };
    return { before: treeOf({}), after, base, ours: [own], kustomizations: [] };
  };
  const files = { [own]: object('SealedSecret', 's') };
  expect(fluxProblems(input(files))).toEqual([]);
  const [problem, ...others] = fluxProblems(input({ ...files, [`${base}/theirs.yaml`]: object('A', 'a') }));
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ code: 'FLUX-UNCHECKED', level: 'delivery', fix: expect.stringContaining('kubectl') });
  expect(problem?.message).toContain(`${base}/theirs.yaml`);
});
