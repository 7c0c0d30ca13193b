import { render } from '../../charts/render';
import { at } from '../../model/json';
import type { PodSettings } from '../../model/pod';
import type { ServerEntry } from '../../model/server-entry';
import { testPlatform, testSealed, testServer } from '../../testing/fixtures';
import { everyPodField as everything } from '../../testing/fixtures/pods';
import { problemsOf } from '../../testing/problems';
import { problemsOfRendered } from '../../testing/rendered';

test('pods with everything that can be said of them, as a reviewer reads them', () => {
  const { text } = rendered(everything);
  expect(text).toMatchSnapshot();
  expect(problems(everything)).toEqual([]);
});

test('what a platform says holds for each of its servers as if they said it', () => {
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

test('the token of an account is mounted where that is said, and nowhere else', () => {
  const mounted = (serviceAccount: ServerEntry['serviceAccount']) =>
    template({ serviceAccount }, 'automountServiceAccountToken');
  expect(mounted(undefined)).toBe(false);
  expect(mounted({ annotations: { a: 'b' } })).toBe(false);
  expect(mounted({ name: 'other' })).toBe(false);
  expect(mounted({ name: 'other', token: true })).toBe(true);
});

test('an account that exists is named and not made', () => {
  const { kinds } = rendered({ runtime: 'plain', serviceAccount: { name: 'other' } });
  expect(kinds).not.toContain('ServiceAccount');
  expect(template({ serviceAccount: { name: 'other' } }, 'serviceAccountName')).toBe('other');
});

const spec = (fields: object): Partial<ServerEntry> => ({ pod: { spec: fields } });
const container = (fields: object) => spec({ containers: [{ name: 'worker', ...fields }] });

test.each<[name: string, fields: Partial<ServerEntry>, code: string, path: string, fix: string]>([
  [
    'a field that there is not',
    spec({ hostAlias: [] }),
    'SCHEMA',
    'spec.template.spec.hostAlias',
    'write "hostAliases"',
  ],
  [
    'a container field that there is not',
    container({ imagePullPolice: 'Always' }),
    'SCHEMA',
    'spec.template.spec.containers.0.imagePullPolice',
    'imagePullPolicy',
  ],
  ['a list that is none', spec({ containers: { worker: {} } }), 'SCHEMA', 'spec.template.spec.containers', 'imports/'],
  [
    'a volume of the host',
    spec({ volumes: [{ name: 'a', hostPath: { path: '/' } }] }),
    'POLICY',
    'spec.template.spec.volumes.1',
    'emptyDir',
  ],
  [
    'a volume of an image that moves',
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
    'a hook that asks another host',
    container({ lifecycle: { preStop: { httpGet: { host: 'a', port: 1 } } } }),
    'POLICY',
    'spec.template.spec.containers.0.lifecycle.preStop.httpGet.host',
    'take it out',
  ],
  [
    'a mount that reaches the node',
    container({ volumeMounts: [{ name: 'tmp', mountPath: '/data', mountPropagation: 'Bidirectional' }] }),
    'POLICY',
    'spec.template.spec.containers.0.volumeMounts.1.mountPropagation',
    'take it out',
  ],
  [
    'a mount without its volume',
    container({ volumeMounts: [{ name: 'a', mountPath: '/data' }] }),
    'RULE',
    'spec.template.spec.containers.0.volumeMounts.1.name',
    'write the volume',
  ],
  [
    'text that is named like a secret',
    { podAnnotations: { 'example.com/token': 'x' } },
    'SECRET-LEAK',
    'spec.template.metadata.annotations.example.com/token',
    'npm run seal',
  ],
  [
    'a quantity that is none',
    spec({ overhead: { memory: '1GB' } }),
    'SCHEMA',
    'spec.template.spec.overhead.memory',
    'imports/',
  ],
])('%s in a pod is told of the merged object', (_, fields, code, path, fix) => {
  const [first] = problems({ runtime: 'plain', ...fields });
  expect(first).toMatchObject({
    code,
    path: `Deployment/test-server ${path}`,
    fix: expect.stringContaining(fix),
  });
});

test('a variable of a patch that the server declares is told with the file of the patch', () => {
  const patch = container({ env: [{ name: 'REGION', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] });
  const platform = { ...testPlatform, pod: { spec: { containers: [{ name: 'worker', env: [{ name: 'REGION' }] }] } } };
  const told = { code: 'SERVER-FIELD', path: 'pod.spec.containers.0.env' };
  const fields = { runtime: 'plain', env: { REGION: 'west' } } as const;
  expect(problems({ ...fields, ...patch })).toMatchObject([{ ...told, file: 'servers/test-server/server.ts' }]);
  expect(problemsOf(() => textOf(testServer(fields, 'test-server', platform)))).toMatchObject([
    { ...told, file: platform.source },
  ]);
});

test('a request of the server above a limit of its platform is told', () => {
  const resources = (kind: string, amount: string) =>
    container({ resources: { [kind]: { 'ephemeral-storage': amount } } });
  const platform = { ...testPlatform, pod: resources('limits', '1Gi').pod };
  const server = (amount: string) =>
    testServer({ runtime: 'plain', ...resources('requests', amount) }, 'test-server', platform);
  expect(problemsOfRendered(server('1Gi'))).toEqual([]);
  expect(problemsOfRendered(server('2Gi'))).toMatchObject([{ code: 'RULE', fix: 'raise the limit, or ask for less' }]);
});

test('a folder where a volume of the platform is mounted is told, and its name taken over is not', () => {
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

test('with st-app each field is refused where it is said, but annotations, which the chart takes', () => {
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
