import { type ForeignTree, kustomization, object } from './tree';

const map = object('ConfigMap', 'a');
const file = 'kustomization.yaml';
const target = { kind: 'SealedSecret' };
const rename = { target, patch: JSON.stringify([{ op: 'replace', path: '/metadata/name', value: 'other' }]) };
const move = { target, patch: JSON.stringify([{ op: 'replace', path: '/metadata/namespace', value: 'other' }]) };
const remove = {
  patch: JSON.stringify({
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 'one', namespace: 'one' },
    $patch: 'delete',
  }),
};
const annotate = { target, patch: JSON.stringify([{ op: 'add', path: '/metadata/annotations', value: { a: 'b' } }]) };
const noTarget = { target: { kind: 'Missing' }, patch: JSON.stringify([{ op: 'remove', path: '/spec' }]) };
const missing = {
  patch: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'missing' }, data: { a: 'b' } }),
};
const replacement = {
  source: { kind: 'ConfigMap', name: 'a', fieldPath: 'metadata.name' },
  targets: [{ select: target, fieldPaths: ['metadata.name'] }],
};

type Below = Readonly<Record<string, string>>;

/** Another owner's folder with a kustomization file and more files. */
const below = (fields: object | string, more: Below = {}): ForeignTree => ({
  files: placed('apps/theirs', { [file]: typeof fields === 'string' ? fields : kustomization(fields), ...more }),
});

/** A kustomization file in a parent folder of our file, which lists it. */
const above = (fields: object, more: Below = {}): ForeignTree => {
  const resources = ['mcp/one/sealedsecret.yaml', ...Object.keys(more)];
  return { files: placed('apps', { [file]: kustomization({ resources, ...fields }), ...more }) };
};

function placed(folder: string, files: Below): ForeignTree['files'] {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}

const a = { 'a.yaml': map };
const resources = ['a.yaml'];
const component = (fields: object) =>
  kustomization({ apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component', ...fields });

/** Kustomization files in a sibling of our folder. */
export const treesBeside: Readonly<Record<string, ForeignTree>> = {
  'one that lists a file': below({ resources }, a),
  'one that omits a broken file': below({ resources }, { ...a, 'values.yaml': 'hello' }),
  'one without its kind': below('resources: [a.yaml]\n', a),
  'one of another version': below({ apiVersion: 'kustomize.config.k8s.io/v1beta2', resources }, a),
  'one of another kind': below({ kind: 'ConfigMap', resources }, a),
  'a component': below(component({ resources }), a),
  'an empty one': below(''),
  'one without fields': below({}),
  'one that is a list': below('- a.yaml\n', a),
  'one with a syntax error': below('resources: [\n', a),
  'one with two documents': below(`${kustomization({ resources })}\n---\n${kustomization({})}`, a),
  'one with a duplicate key': below('resources: [a.yaml]\nresources: [a.yaml]\n', a),
  'one with a typo': below({ resorces: ['a.yaml'] }, a),
  'one with a typo next to valid fields': below({ resources, namPrefix: 'x-' }, a),
  'one with a capital letter': below({ Resources: ['a.yaml'] }, a),
  'two in one folder': below({ resources }, { ...a, 'kustomization.yml': kustomization({ resources }) }),
  'a missing file': below({ resources: ['nowhere.yaml'] }),
  'a file twice': below({ resources: ['a.yaml', 'a.yaml'] }, a),
  'a file without an object': below({ resources: ['values.yaml'] }, { 'values.yaml': 'hello' }),
  'a folder without a kustomization file': below({ resources: ['deep'] }, { 'deep/a.yaml': map }),
  itself: below({ resources: ['.'] }),
  'a cycle': {
    files: {
      ...below({ resources: ['../others'] }).files,
      [`apps/others/${file}`]: kustomization({ resources: ['../theirs'] }),
    },
  },
  'a file outside the folder that Flux reads': {
    files: { ...below({ resources: ['../../base/a.yaml'] }).files, 'base/a.yaml': map },
  },
  'a file outside the repository': below({ resources: ['../../../../../../etc/hostname'] }),
  'our file again': below({ resources: ['../mcp/one/sealedsecret.yaml'] }),
  'a patch that matches nothing': below({ resources, patches: [missing] }, a),
  'a patch for an absent kind': below({ resources, patches: [noTarget] }, a),
  'a missing patch file': below({ resources, patches: [{ path: 'nowhere.yaml', target }] }, a),
  'a missing transformer': below({ resources, transformers: ['nowhere.yaml'] }, a),
  'a missing component': below({ resources, components: ['nowhere'] }, a),
  'a Helm chart': below({ resources, helmCharts: [{ name: 'a', repo: 'https://charts.example.com' }] }, a),
  'a generated object': below({ configMapGenerator: [{ name: 'a', literals: ['a=b'] }], namespace: 'theirs' }),
  'a generated object that already exists': below(
    {
      resources,
      configMapGenerator: [{ name: 'a', namespace: 'theirs', literals: ['a=b'] }],
      generatorOptions: { disableNameSuffixHash: true },
    },
    a,
  ),
  'a prefix for the other files': below({ resources, namePrefix: 'x-' }, a),
  'labels of both kinds': below({ resources, commonLabels: { a: 'b' }, labels: [{ pairs: { c: 'd' } }] }, a),
  variables: below({ resources, vars: [{ name: 'A', objref: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' } }] }, a),
  'images and replicas': below(
    { resources, images: [{ name: 'a', newTag: 'b' }], replicas: [{ name: 'q', count: 2 }] },
    a,
  ),
  // deliver downloads nothing, and warns about it.
  'a remote file': { ...below({ resources: ['https://127.0.0.1:9/theirs.yaml'] }), ours: 'not looked at' },
  bases: {
    files: {
      ...below({ bases: ['../../base'] }).files,
      [`base/${file}`]: kustomization({ resources }),
      'base/a.yaml': map,
    },
  },
};

/** Kustomization files in a parent of our folder. */
export const treesAbove: Readonly<Record<string, ForeignTree>> = {
  'one that lists ours': above({}),
  'one that lists another file': { files: placed('apps', { [file]: kustomization({ resources }), ...a }) },
  'one that lists our folder': { files: placed('apps', { [file]: kustomization({ resources: ['mcp'] }) }) },
  'an empty one': { files: placed('apps', { [file]: '' }) },
  'one without fields': { files: placed('apps', { [file]: kustomization({}) }) },
  'a component': { files: placed('apps', { [file]: component({ resources: ['mcp/one/sealedsecret.yaml'] }) }) },
  'one of another kind': above({ kind: 'ConfigMap' }),
  'one with a typo next to valid fields': above({ namPrefix: 'x-' }),
  'two in one folder': {
    files: { ...above({}).files, 'apps/kustomization.yml': kustomization({ resources: [] }) },
  },
  'a prefix': above({ namePrefix: 'x-' }),
  'a suffix': above({ nameSuffix: '-x' }),
  'another namespace': above({ namespace: 'other' }),
  'our own namespace': above({ namespace: 'one' }),
  labels: above({ labels: [{ pairs: { a: 'b' } }] }),
  'a patch that renames ours': above({ patches: [rename] }),
  'a patch that moves ours': above({ patches: [move] }),
  'a patch that deletes ours': above({ patches: [remove] }),
  'a patch that annotates ours': above({ patches: [annotate] }),
  'a patch for an absent kind': above({ patches: [noTarget] }),
  'a patch that matches nothing': above({ patches: [missing] }),
  'a replacement that renames ours': above({ replacements: [replacement] }, a),
  'a component that renames ours': {
    files: { ...above({ components: ['../parts'] }).files, [`parts/${file}`]: component({ namePrefix: 'x-' }) },
  },
};

/** Fields of the Flux Kustomization itself. Each is tested with and without a kustomization file in a parent folder. */
const specs: Readonly<Record<string, NonNullable<ForeignTree['spec']>>> = {
  'no fields': {},
  'a namespace': { targetNamespace: 'other' },
  'our own namespace': { targetNamespace: 'one' },
  'a prefix': { namePrefix: 'x-' },
  'no prefix': { namePrefix: '' },
  'a suffix': { nameSuffix: '-x' },
  'a patch that renames ours': { patches: [rename] },
  'a patch that deletes ours': { patches: [remove] },
  'a patch that annotates ours': { patches: [annotate] },
  'a patch that matches nothing': { patches: [missing] },
  'an image': { images: [{ name: 'a', newTag: 'b' }] },
  'common metadata': { commonMetadata: { labels: { a: 'b' } } },
  'a component': { components: ['../parts'] },
  'a missing component': { components: ['../nowhere'] },
  'an optional missing component': { components: ['../nowhere'], ignoreMissingComponents: true },
  'a remote component': { components: ['https://example.com/parts'] },
};

/** Flux Kustomizations that may change our objects. */
export const specTrees: Readonly<Record<string, ForeignTree>> = Object.fromEntries(
  Object.entries(specs).flatMap(([name, spec]) => {
    const parts = { [`parts/${file}`]: component({ nameSuffix: '-part' }) };
    const [plain, prefixed] = [
      { ...parts, 'apps/a.yaml': map },
      { ...parts, ...above({ namePrefix: 'y-' }).files },
    ];
    return [
      [name, { files: plain, spec }],
      [`${name}, with a prefix in a file`, { files: prefixed, spec }],
    ];
  }),
);
