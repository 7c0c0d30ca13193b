import { type ForeignTree, kustomization, object, own } from './tree';

const header = 'apiVersion: v1\nkind: ConfigMap\n';
const named = 'metadata: {name: theirs, namespace: theirs}\n';
const map = `${header}${named}`;

/** One file of somebody else beside ours, which Flux reads as it is. */
const texts: Readonly<Record<string, string | Buffer>> = {
  'an object': map,
  'an object in JSON': object('ConfigMap', 'theirs'),
  'two objects in JSON, one after the other': `${object('ConfigMap', 'a')}\n${object('ConfigMap', 'b')}`,
  'a list': object('List', 'l', '', { items: [JSON.parse(object('ConfigMap', 'a'))] }),
  'a list with nothing in it': 'apiVersion: v1\nkind: List\nitems: []\n',
  'a list with an empty item': 'apiVersion: v1\nkind: List\nitems: [null]\n',
  'a typed list': 'apiVersion: v1\nkind: ConfigMapList\nitems: []\n',
  nothing: '',
  'a comment': '# nothing\n',
  'a lone separator': '---\n',
  'documents with nothing in them around one': `---\n# nothing\n---\n${map}---\n`,
  'an end of document': `${map}...\n`,
  'two documents that are the same': `${map}---\n${map}`,
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
  'bytes that are no UTF-8': Buffer.from(`${map}# \xe4\n`, 'latin1'),
  'a control character': `${map}data: {a: "\u0093"}\n`,
  'Windows line ends': map.replaceAll('\n', '\r\n'),
  'a tab': `${map}data:\n\ta: b\n`,
  'a key twice': `${map}data: {a: b, a: c}\n`,
  'a top key twice': `${map}kind: Secret\n`,
  'an alias': `${map}data: {a: &a b, c: *a}\n`,
  'an alias of nothing': `${map}data: {c: *a}\n`,
  'a merge key': `x: &x {a: b}\n${map}data: {<<: *x}\n`,
  'no kind': `apiVersion: v1\n${named}`,
  'no name': `${header}metadata: {}\n`,
  'no metadata': header,
  'a name that is made up by the server': `${header}metadata: {generateName: a-, namespace: theirs}\n`,
  'values of a chart': 'replicas: 1\n',
  'a text': 'hello\n',
  'a list of objects without a kind': `- ${object('ConfigMap', 'a')}\n`,
  'something broken': 'a: [\n',
  'a template of Helm': `${header}metadata: {name: {{ .Release.Name }}}\n`,
  'a template of Helm in a text': `${header}metadata: {name: "{{ .Release.Name }}", namespace: theirs}\n`,
  'an object for one machine alone': `${header}metadata: {name: a, annotations: {config.kubernetes.io/local-config: "true"}}\n`,
  'a kustomization file under another name': kustomization({ resources: [] }),
  'a Flux Kustomization':
    'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: b, namespace: flux-system}\nspec: {path: ./other}\n',
  'an object of a group of its own': `apiVersion: example.com/v1\nkind: Thing\n${named}`,
  'our own sealed secret': object('SealedSecret', 'one', 'one', { apiVersion: 'bitnami.com/v1alpha1' }),
  'our own sealed secret elsewhere': object('SealedSecret', 'one', 'two', { apiVersion: 'bitnami.com/v1alpha1' }),
};

const here = (text: string | Buffer): ForeignTree => ({ files: { 'apps/theirs/f.yaml': text } });

/** Files that Flux reads one by one. */
export const fileTrees: Readonly<Record<string, ForeignTree>> = {
  ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, here(text)])),
  'a file .yml': { files: { 'apps/theirs/f.yml': 'hello\n' } },
  'a file that starts with a dot': { files: { 'apps/theirs/.f.yaml': 'hello\n' } },
  'a file that ends otherwise': { files: { 'apps/theirs/f.YAML': 'hello\n', 'apps/theirs/f.json': 'hello\n' } },
  'a folder that starts with a dot': { files: { 'apps/.theirs/f.yaml': 'hello\n' } },
  'a folder that ends in .yaml': { files: { 'apps/theirs.yaml/f.yaml': map } },
  'a folder of the name of a kustomization file': { files: { 'apps/theirs/kustomization.yaml/f.yaml': map } },
  'the same object in two files': { files: { 'apps/theirs/f.yaml': map, 'apps/theirs/g.yaml': map } },
  'the same name in the namespace default and in none': {
    files: { 'apps/a.yaml': object('ConfigMap', 'a', 'default'), 'apps/b.yaml': `${header}metadata: {name: a}\n` },
  },
  'the same name of another group': {
    files: { 'apps/a.yaml': map, 'apps/b.yaml': `apiVersion: example.com/v1\nkind: ConfigMap\n${named}` },
  },
  'the same name of another version': {
    files: { 'apps/a.yaml': map, 'apps/b.yaml': map.replace('v1', 'v2') },
    // One object of which the file that is applied last decides, and nobody has said which that is.
    ours: 'refused',
  },
  'a file beside the folder that is read': { files: { 'other/f.yaml': 'hello\n' } },
  'nothing else': { files: {} },
  'a file beside ours': { files: { [own.replace('sealedsecret', 'theirs')]: 'hello\n' } },
};
