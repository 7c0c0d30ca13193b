import { type ForeignTree, kustomization, object, own } from './tree';

const header = 'apiVersion: v1\nkind: ConfigMap\n';
const named = 'metadata: {name: theirs, namespace: theirs}\n';
const map = `${header}${named}`;

/** The content of another owner's file next to ours. Flux reads it without a kustomization file. */
const texts: Readonly<Record<string, string | Buffer>> = {
  'an object': map,
  'an object in JSON': object('ConfigMap', 'theirs'),
  'two objects in JSON, one after the other': `${object('ConfigMap', 'a')}\n${object('ConfigMap', 'b')}`,
  'a list': object('List', 'l', '', { items: [JSON.parse(object('ConfigMap', 'a'))] }),
  'an empty list': 'apiVersion: v1\nkind: List\nitems: []\n',
  'a list with an empty item': 'apiVersion: v1\nkind: List\nitems: [null]\n',
  'a typed list': 'apiVersion: v1\nkind: ConfigMapList\nitems: []\n',
  'an empty file': '',
  'a comment': '# nothing\n',
  'a lone separator': '---\n',
  'empty documents around an object': `---\n# nothing\n---\n${map}---\n`,
  'an end of document': `${map}...\n`,
  'two identical documents': `${map}---\n${map}`,
  'null in a list': `${map}data: {}\nargs: [null]\n`,
  'a lone dash': `${map}args:\n  - a\n  -\n`,
  'a value with a tag': `${map}a: !vault x\n`,
  'an object with a tag': `!mine\n${map}`,
  'a binary value': `${map}binaryData: {a: !!binary aGVsbG8=}\n`,
  'a name y': `${header}metadata: {name: y, namespace: theirs}\n`,
  'a name yes': `${header}metadata: {name: yes, namespace: theirs}\n`,
  'a name on': `${header}metadata: {name: on, namespace: theirs}\n`,
  'a name that is a date': `${header}metadata: {name: 2024-01-01, namespace: theirs}\n`,
  'a namespace that is a number': `${header}metadata: {name: a, namespace: 12}\n`,
  'a number as a key': `${map}data: {1: b}\n`,
  'true as a key': `${map}data: {true: b}\n`,
  'a list as a key': `${map}data: {[a]: b}\n`,
  'a %YAML directive': `%YAML 1.1\n---\n${map}`,
  'a %YAML directive of 1.2': `%YAML 1.2\n---\n${map}`,
  'UTF-16 with a byte order mark': Buffer.from(`\ufeff${map}`, 'utf16le'),
  'UTF-8 with a byte order mark': `\ufeff${map}`,
  'invalid UTF-8': Buffer.from(`${map}# \xe4\n`, 'latin1'),
  'a control character': `${map}data: {a: "\u0093"}\n`,
  'Windows line endings': map.replaceAll('\n', '\r\n'),
  'a tab': `${map}data:\n\ta: b\n`,
  'a duplicate key': `${map}data: {a: b, a: c}\n`,
  'a duplicate top-level key': `${map}kind: Secret\n`,
  'an alias': `${map}data: {a: &a b, c: *a}\n`,
  'an alias without its anchor': `${map}data: {c: *a}\n`,
  'a merge key': `x: &x {a: b}\n${map}data: {<<: *x}\n`,
  'no kind': `apiVersion: v1\n${named}`,
  'no name': `${header}metadata: {}\n`,
  'no metadata': header,
  'a name that the server generates': `${header}metadata: {generateName: a-, namespace: theirs}\n`,
  'values of a chart': 'replicas: 1\n',
  'a plain string': 'hello\n',
  'a list of objects without a kind': `- ${object('ConfigMap', 'a')}\n`,
  'a syntax error': 'a: [\n',
  'a Helm template': `${header}metadata: {name: {{ .Release.Name }}}\n`,
  'a Helm template in a string': `${header}metadata: {name: "{{ .Release.Name }}", namespace: theirs}\n`,
  'a local-config object': `${header}metadata: {name: a, annotations: {config.kubernetes.io/local-config: "true"}}\n`,
  'a kustomization file under another name': kustomization({ resources: [] }),
  'a Flux Kustomization':
    'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: b, namespace: flux-system}\nspec: {path: ./other}\n',
  'an object of a custom group': `apiVersion: example.com/v1\nkind: Thing\n${named}`,
  'our own sealed secret': object('SealedSecret', 'one', 'one', { apiVersion: 'bitnami.com/v1alpha1' }),
  'our own sealed secret elsewhere': object('SealedSecret', 'one', 'two', { apiVersion: 'bitnami.com/v1alpha1' }),
};

const treeWith = (text: string | Buffer): ForeignTree => ({ files: { 'apps/theirs/f.yaml': text } });

/** Trees without a kustomization file. */
export const fileTrees: Readonly<Record<string, ForeignTree>> = {
  ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, treeWith(text)])),
  'a file .yml': { files: { 'apps/theirs/f.yml': 'hello\n' } },
  'a file that starts with a dot': { files: { 'apps/theirs/.f.yaml': 'hello\n' } },
  'a file with another extension': { files: { 'apps/theirs/f.YAML': 'hello\n', 'apps/theirs/f.json': 'hello\n' } },
  'a folder that starts with a dot': { files: { 'apps/.theirs/f.yaml': 'hello\n' } },
  'a folder that ends in .yaml': { files: { 'apps/theirs.yaml/f.yaml': map } },
  'a folder named like a kustomization file': { files: { 'apps/theirs/kustomization.yaml/f.yaml': map } },
  'the same object in two files': { files: { 'apps/theirs/f.yaml': map, 'apps/theirs/g.yaml': map } },
  'the same name in the namespace default and without one': {
    files: { 'apps/a.yaml': object('ConfigMap', 'a', 'default'), 'apps/b.yaml': `${header}metadata: {name: a}\n` },
  },
  'the same name of another group': {
    files: { 'apps/a.yaml': map, 'apps/b.yaml': `apiVersion: example.com/v1\nkind: ConfigMap\n${named}` },
  },
  'the same name of another version': {
    files: { 'apps/a.yaml': map, 'apps/b.yaml': map.replace('v1', 'v2') },
    // Both files define the same object, and the order in which they are applied is undefined.
    ours: 'refused',
  },
  'a file outside the folder that Flux reads': { files: { 'other/f.yaml': 'hello\n' } },
  'no other file': { files: {} },
  'a file in our folder': { files: { [own.replace('sealedsecret', 'theirs')]: 'hello\n' } },
};
