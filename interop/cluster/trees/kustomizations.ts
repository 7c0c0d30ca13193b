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
const nobody = { target: { kind: 'Nobody' }, patch: JSON.stringify([{ op: 'remove', path: '/spec' }]) };
const missing = {
  patch: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'nobody' }, data: { a: 'b' } }),
};
const replacement = {
  source: { kind: 'ConfigMap', name: 'a', fieldPath: 'metadata.name' },
  targets: [{ select: target, fieldPaths: ['metadata.name'] }],
};

type Below = Readonly<Record<string, string>>;

/** A folder of somebody else with a kustomization file, and other files beside it. */
const below = (fields: object | string, more: Below = {}): ForeignTree => ({
  files: placed('apps/theirs', { [file]: typeof fields === 'string' ? fields : kustomization(fields), ...more }),
});

/** A kustomization file that stands above ours and lists it. */
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

/** Kustomization files in a folder beside ours. */
export const treesBeside: Readonly<Record<string, ForeignTree>> = {
  'one that lists a file': below({ resources }, a),
  'one that leaves a broken file out': below({ resources }, { ...a, 'values.yaml': 'hello' }),
  'one without its kind': below('resources: [a.yaml]\n', a),
  'one of another version': below({ apiVersion: 'kustomize.config.k8s.io/v1beta2', resources }, a),
  'one of another kind': below({ kind: 'ConfigMap', resources }, a),
  'a component': below(component({ resources }), a),
  'an empty one': below(''),
  'one with nothing in it': below({}),
  'one that is a list': below('- a.yaml\n', a),
  'one that is broken': below('resources: [\n', a),
  'one with two documents': below(`${kustomization({ resources })}\n---\n${kustomization({})}`, a),
  'one with a key twice': below('resources: [a.yaml]\nresources: [a.yaml]\n', a),
  'one with a typo': below({ resorces: ['a.yaml'] }, a),
  'one with a typo beside what is right': below({ resources, namPrefix: 'x-' }, a),
  'one with a capital letter': below({ Resources: ['a.yaml'] }, a),
  'two in one folder': below({ resources }, { ...a, 'kustomization.yml': kustomization({ resources }) }),
  'a file that is not there': below({ resources: ['nowhere.yaml'] }),
  'a file twice': below({ resources: ['a.yaml', 'a.yaml'] }, a),
  'a file that is no object': below({ resources: ['values.yaml'] }, { 'values.yaml': 'hello' }),
  'a folder without a kustomization file': below({ resources: ['deep'] }, { 'deep/a.yaml': map }),
  itself: below({ resources: ['.'] }),
  'a circle': {
    files: {
      ...below({ resources: ['../others'] }).files,
      [`apps/others/${file}`]: kustomization({ resources: ['../theirs'] }),
    },
  },
  'a file from beside the folder that is read': {
    files: { ...below({ resources: ['../../base/a.yaml'] }).files, 'base/a.yaml': map },
  },
  'a file from outside of the repository': below({ resources: ['../../../../../../etc/hostname'] }),
  'our file once more': below({ resources: ['../mcp/one/sealedsecret.yaml'] }),
  'a patch that matches nothing': below({ resources, patches: [missing] }, a),
  'a patch for a kind that is not there': below({ resources, patches: [nobody] }, a),
  'a patch of a file that is not there': below({ resources, patches: [{ path: 'nowhere.yaml', target }] }, a),
  'a transformer that is not there': below({ resources, transformers: ['nowhere.yaml'] }, a),
  'a component that is not there': below({ resources, components: ['nowhere'] }, a),
  'a chart of Helm': below({ resources, helmCharts: [{ name: 'a', repo: 'https://charts.example.com' }] }, a),
  'a generated object': below({ configMapGenerator: [{ name: 'a', literals: ['a=b'] }], namespace: 'theirs' }),
  'a generated object that is there': below(
    {
      resources,
      configMapGenerator: [{ name: 'a', namespace: 'theirs', literals: ['a=b'] }],
      generatorOptions: { disableNameSuffixHash: true },
    },
    a,
  ),
  'a prefix of their own': below({ resources, namePrefix: 'x-' }, a),
  'labels of both kinds': below({ resources, commonLabels: { a: 'b' }, labels: [{ pairs: { c: 'd' } }] }, a),
  variables: below({ resources, vars: [{ name: 'A', objref: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' } }] }, a),
  'images and replicas': below(
    { resources, images: [{ name: 'a', newTag: 'b' }], replicas: [{ name: 'q', count: 2 }] },
    a,
  ),
  // Nothing is fetched for anybody: deliver says so.
  'something from elsewhere': { ...below({ resources: ['https://127.0.0.1:9/theirs.yaml'] }), ours: 'not looked at' },
  bases: {
    files: {
      ...below({ bases: ['../../base'] }).files,
      [`base/${file}`]: kustomization({ resources }),
      'base/a.yaml': map,
    },
  },
};

/** Kustomization files above ours. */
export const treesAbove: Readonly<Record<string, ForeignTree>> = {
  'one that lists ours': above({}),
  'one that lists something else': { files: placed('apps', { [file]: kustomization({ resources }), ...a }) },
  'one that lists our folder': { files: placed('apps', { [file]: kustomization({ resources: ['mcp'] }) }) },
  'an empty one': { files: placed('apps', { [file]: '' }) },
  'one with nothing in it': { files: placed('apps', { [file]: kustomization({}) }) },
  'a component': { files: placed('apps', { [file]: component({ resources: ['mcp/one/sealedsecret.yaml'] }) }) },
  'one of another kind': above({ kind: 'ConfigMap' }),
  'one with a typo beside what is right': above({ namPrefix: 'x-' }),
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
  'a patch for a kind that is not there': above({ patches: [nobody] }),
  'a patch that matches nothing': above({ patches: [missing] }),
  'a replacement that renames ours': above({ replacements: [replacement] }, a),
  'a component that renames ours': {
    files: { ...above({ components: ['../parts'] }).files, [`parts/${file}`]: component({ namePrefix: 'x-' }) },
  },
};

/** What the Flux Kustomization itself says; the second has a kustomization file above ours as well. */
const specs: Readonly<Record<string, NonNullable<ForeignTree['spec']>>> = {
  nothing: {},
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
  'metadata for all': { commonMetadata: { labels: { a: 'b' } } },
  'a component': { components: ['../parts'] },
  'a component that is not there': { components: ['../nowhere'] },
  'a component that need not be there': { components: ['../nowhere'], ignoreMissingComponents: true },
  'a component from elsewhere': { components: ['https://example.com/parts'] },
};

/** What Flux Kustomizations may do to ours. */
export const specTrees: Readonly<Record<string, ForeignTree>> = Object.fromEntries(
  Object.entries(specs).flatMap(([name, spec]) => {
    const parts = { [`parts/${file}`]: component({ nameSuffix: '-part' }) };
    const [plain, prefixed] = [
      { ...parts, 'apps/a.yaml': map },
      { ...parts, ...above({ namePrefix: 'y-' }).files },
    ];
    return [
      [name, { files: plain, spec }],
      [`${name}, over a prefix in a file`, { files: prefixed, spec }],
    ];
  }),
);
