import { render } from '../../charts/render';
import { at } from '../../model/json';
import type { PodSettings } from '../../model/pod';
import type { ServerEntry } from '../../model/server-entry';
import { testPlatform, testSealed, testServer } from '../../testing/fixtures';
import { everyPodField as everything } from '../../testing/fixtures/pods';
import { problemsOf } from '../../testing/problems';
import { problemsOfRendered } from '../../testing/rendered';

test('renders every pod setting', () => {
  const { text } = rendered(everything);
  expect(text).toMatchSnapshot();
  expect(problems(everything)).toEqual([]);
});

test('pod settings of a platform apply to each of its servers', () => {
  const { runtime, ...fields } = everything;
  const platform = { ...testPlatform, ...(testServer(everything) satisfies PodSettings) };
  const { name, source, flag, ...rest } = testPlatform;
  const onPlatform = testServer({ runtime: 'plain' }, 'test-server', {
    ...platform,
    ...{ name, source, flag, ...rest },
  });
  const withoutHash = (text: string) => text.replace(/spec-sha256: \w+/, '');
  expect(Object.keys(fields)).toHaveLength(10);
  expect(withoutHash(textOf(onPlatform))).toBe(withoutHash(rendered(everything).text));
});

test('mounts the token of a service account only when declared', () => {
  const mounted = (serviceAccount: ServerEntry['serviceAccount']) =>
    template({ serviceAccount }, 'automountServiceAccountToken');
  expect(mounted(undefined)).toBe(false);
  expect(mounted({ annotations: { a: 'b' } })).toBe(false);
  expect(mounted({ name: 'other' })).toBe(false);
  expect(mounted({ name: 'other', token: true })).toBe(true);
});

test('refers to an existing service account without creating it', () => {
  const { kinds } = rendered({ runtime: 'plain', serviceAccount: { name: 'other' } });
  expect(kinds).not.toContain('ServiceAccount');
  expect(template({ serviceAccount: { name: 'other' } }, 'serviceAccountName')).toBe('other');
});

const spec = (fields: object): Partial<ServerEntry> => ({ pod: { spec: fields } });
const container = (fields: object) => spec({ containers: [{ name: 'worker', ...fields }] });

test.each<[name: string, fields: Partial<ServerEntry>, code: string, path: string, fix: string]>([
  ['an unknown field', spec({ hostAlias: [] }), 'SCHEMA', 'spec.template.spec.hostAlias', 'write "hostAliases"'],
  [
    'an unknown container field',
    container({ imagePullPolice: 'Always' }),
    'SCHEMA',
    'spec.template.spec.containers.0.imagePullPolice',
    'imagePullPolicy',
  ],
  [
    'an object instead of a list',
    spec({ containers: { worker: {} } }),
    'SCHEMA',
    'spec.template.spec.containers',
    'imports/',
  ],
  [
    'a hostPath volume',
    spec({ volumes: [{ name: 'a', hostPath: { path: '/' } }] }),
    'POLICY',
    'spec.template.spec.volumes.1',
    'emptyDir',
  ],
  [
    'a volume of an image that is not pinned',
    spec({ volumes: [{ name: 'a', image: { reference: 'registry.example.com/files:latest' } }] }),
    'POLICY',
    'spec.template.spec.volumes.1.image.reference',
    'exact version',
  ],
  [
    'a volume of two kinds',
    spec({ volumes: [{ name: 'tmp', configMap: { name: 'a' } }] }),
    'POLICY',
    'spec.template.spec.volumes.0',
    'one of the two',
  ],
  [
    'a hook that calls another host',
    container({ lifecycle: { preStop: { httpGet: { host: 'a', port: 1 } } } }),
    'POLICY',
    'spec.template.spec.containers.0.lifecycle.preStop.httpGet.host',
    'remove it',
  ],
  [
    'a mount that propagates to the node',
    container({ volumeMounts: [{ name: 'tmp', mountPath: '/data', mountPropagation: 'Bidirectional' }] }),
    'POLICY',
    'spec.template.spec.containers.0.volumeMounts.1.mountPropagation',
    'remove it',
  ],
  [
    'a mount without its volume',
    container({ volumeMounts: [{ name: 'a', mountPath: '/data' }] }),
    'RULE',
    'spec.template.spec.containers.0.volumeMounts.1.name',
    'add the volume',
  ],
  [
    'text under a key that looks like a secret',
    { podAnnotations: { 'example.com/token': 'x' } },
    'SECRET-LEAK',
    'spec.template.metadata.annotations.example.com/token',
    'npm run seal',
  ],
  [
    'an invalid quantity',
    spec({ overhead: { memory: '1GB' } }),
    'SCHEMA',
    'spec.template.spec.overhead.memory',
    'imports/',
  ],
])('reports %s with its path in the merged object', (_, fields, code, path, fix) => {
  const [first] = problems({ runtime: 'plain', ...fields });
  expect(first).toMatchObject({
    code,
    path: `Deployment/test-server ${path}`,
    fix: expect.stringContaining(fix),
  });
});

test('reports a patch that sets a variable of the server, with the file of the patch', () => {
  const patch = container({ env: [{ name: 'REGION', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] });
  const platform = { ...testPlatform, pod: { spec: { containers: [{ name: 'worker', env: [{ name: 'REGION' }] }] } } };
  const problem = { code: 'SERVER-FIELD', path: 'pod.spec.containers.0.env' };
  const fields = { runtime: 'plain', env: { REGION: 'west' } } as const;
  expect(problems({ ...fields, ...patch })).toMatchObject([{ ...problem, file: 'servers/test-server/server.ts' }]);
  expect(problemsOf(() => textOf(testServer(fields, 'test-server', platform)))).toMatchObject([
    { ...problem, file: platform.source },
  ]);
});

test("rejects a server's request above its platform's limit", () => {
  const resources = (kind: string, amount: string) =>
    container({ resources: { [kind]: { 'ephemeral-storage': amount } } });
  const platform = { ...testPlatform, pod: resources('limits', '1Gi').pod };
  const server = (amount: string) =>
    testServer({ runtime: 'plain', ...resources('requests', amount) }, 'test-server', platform);
  expect(problemsOfRendered(server('1Gi'))).toEqual([]);
  expect(problemsOfRendered(server('2Gi'))).toMatchObject([
    { code: 'RULE', fix: 'raise the limit, or lower the request' },
  ]);
});

test('rejects a second volume at one path, unless it overrides the first by its name', () => {
  const volumes = (name: string) => [{ name, mountPath: '/data', emptyDir: '1Gi' }];
  const platform = { ...testPlatform, volumes: volumes('usual') };
  const server = (name: string) => testServer({ runtime: 'plain', volumes: volumes(name) }, 'test-server', platform);
  expect(problemsOfRendered(server('usual'))).toEqual([]);
  expect(problemsOfRendered(server('own'))).toMatchObject([
    {
      code: 'RULE',
      path: expect.stringMatching(/volumeMounts\.2\.mountPath$/),
      fix: expect.stringContaining('the same name'),
    },
  ]);
});

test('st-app rejects every pod setting, with the file that sets it, except annotations', () => {
  const { runtime: _, podAnnotations, ...others } = everything;
  const platform = { ...testPlatform, priorityClass: 'tools' };
  const refused = problemsOf(() => textOf(testServer({ ...others, podAnnotations }, 'test-server', platform)));
  expect(refused.map(({ code, path, file }) => [code, path, file])).toEqual([
    ...Object.keys(others).flatMap((field) => [
      ...(field === 'priorityClass' ? [['UNMAPPED-FIELD', field, platform.source]] : []),
      ['UNMAPPED-FIELD', field, 'servers/test-server/server.ts'],
    ]),
  ]);
  const release = rendered({ podAnnotations: { 'example.com/note': 'a' } }).objects.find(
    ({ kind }) => kind === 'HelmRelease',
  );
  expect(at(release, 'spec', 'values', 'podAnnotations')).toEqual({ 'example.com/note': 'a' });
  const twice = { podAnnotations: { a: 'b' }, values: { podAnnotations: { a: 'c' } } };
  expect(problems(twice)).toMatchObject([{ code: 'SERVER-FIELD', fix: 'use the field podAnnotations' }]);
});

function problems(fields: Partial<ServerEntry>) {
  return problemsOfRendered(testServer(fields));
}

function rendered(fields: Partial<ServerEntry>) {
  const server = testServer(fields);
  const objects = render(server, testSealed(server)).flatMap((file) => file.objects);
  return { text: textOf(server), objects, kinds: objects.map(({ kind }) => kind) };
}

function textOf(server: ReturnType<typeof testServer>): string {
  return render(server, testSealed(server))[1]?.text ?? '';
}

function template(fields: Partial<ServerEntry>, member: string): unknown {
  const deployment = rendered({ runtime: 'plain', ...fields }).objects.find(({ kind }) => kind === 'Deployment');
  return at(deployment, 'spec', 'template', 'spec', member);
}
