import type { PlatformEntry } from '../../model/platform';
import { Problem } from '../../model/problem';
import { deployment, secret } from '../../testing/fake-deployment/deployment';
import { findingOf, problemAt } from '../../testing/fake-deployment/verified';
import { externalSecrets, storePlatform, testServer } from '../../testing/fixtures';
import { allowlistFrom } from '../engine/allowlist';
import { Secret } from '../seal/secret';
import { reportJson, watch } from './report';
import { targetOf } from './target';
import { type Report, verify } from './verify';

const network = ['resolve', 'cname', 'public', 'tls', 'health', 'closed', 'token', 'tools', 'mcp', 'mcp-2026'] as const;
const ready = { type: 'Ready', status: 'True', reason: 'SecretSynced' };
const written = '2026-11-23T00:00:01Z';

/** A plain server on a platform whose secrets lie elsewhere, as an API server tells of it (external-secrets 1.3.2). */
interface Found {
  readonly secrets?: PlatformEntry['secrets'];
  /** Of the ExternalSecret. @default - ready */
  readonly conditions?: readonly object[];
  readonly isAbsent?: boolean;
  /** What kubectl prints of the Secret. @default - both keys */
  readonly printed?: string | Problem;
  readonly startedAt?: string;
}

async function foundWith(found: Found): Promise<{ readonly report: Report; readonly asked: readonly string[] }> {
  const { secrets = externalSecrets, conditions = [ready], isAbsent, startedAt = '2026-11-23T00:00:02Z' } = found;
  const server = testServer({ runtime: 'plain', secrets: ['API_KEY'] }, 'fake', storePlatform(secrets));
  const target = targetOf(server, { secret: undefined, allowlist: allowlistFrom([]), sealed: new Map() });
  const name = target.cluster?.secretName ?? '';
  const made = await deployment();
  await made.close();
  const metadata = { namespace: 'fake', generation: 1 };
  const external = { kind: 'ExternalSecret', metadata: { ...metadata, name }, status: { conditions } };
  const pod = {
    kind: 'Pod',
    metadata: { ...metadata, name: 'fake-a' },
    spec: { containers: [{ name: 'worker', image: server.image, envFrom: [{ secretRef: { name } }] }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'worker', state: { running: { startedAt } } }],
    },
  };
  const asked: string[] = [];
  const kubectl = async (args: readonly string[]) => {
    asked.push(args.join(' '));
    const { printed = `2026-11-22T00:00:00Z ${written} ;API_KEY ARCADE_WORKER_SECRET ` } = found;
    if (args[1] !== 'secret') return JSON.stringify({ kind: 'List', items: isAbsent ? [pod] : [external, pod] });
    if (printed instanceof Problem) throw printed;
    return printed;
  };
  return { report: await verify(target, { ...made.world, kubectl }, { skip: [...network, 'invoke', 'speed'] }), asked };
}

test('a server whose Secret is copied from a store passes, and no value is asked for', async () => {
  const { report, asked } = await foundWith({});
  expect(report.results.map(({ step, finding }) => [step.name, 'detail' in finding && finding.detail])).toEqual([
    ['external', expect.stringMatching(/^fake-worker-secret-[0-9a-f]{10}$/)],
    ['secret-keys', '2 keys; pods take another value when they restart'],
    ['pods', '1 of 1 ready'],
    ['pods-secret', expect.stringMatching(/^fake-worker-secret-/)],
  ]);
  expect(asked[0]).toMatch(/^get externalsecrets\.external-secrets\.io,pods /);
  expect(asked.slice(1)).toEqual([
    expect.stringMatching(/^get secret \S+ --namespace fake --ignore-not-found .*\$key/),
  ]);
  expect(asked.join()).not.toContain('sealedsecrets');
});

test('what the kind means for pods is said before the steps, and to machines which it is', async () => {
  const { report } = await foundWith({});
  const lines: string[] = [];
  watch([report.target], (line) => lines.push(line));
  expect(lines[1]).toMatch(/^ {2}secrets of test-cluster are external: .* restart deployment$/);
  expect(reportJson(report)).toMatchObject({ secrets: 'external' });
  expect(JSON.stringify(reportJson({ ...report, target: { ...report.target, stored: undefined } }))).not.toContain(
    '"secrets"',
  );
});

test('a Secret that is there is asked for its keys alone, and no operator', async () => {
  const { report, asked } = await foundWith({ secrets: { kind: 'existing' }, isAbsent: true });
  expect(report.isGood).toBe(true);
  expect(report.results.map(({ step }) => step.name)).toEqual(['secret-keys', 'pods', 'pods-secret']);
  expect(asked[0]).toMatch(/^get secret fake-worker-secret /);
  expect(asked[1]).toMatch(/^get pods /);
});

const failing = {
  ...ready,
  status: 'False',
  reason: 'SecretSyncedError',
  message: 'could not get secret data from provider',
};
const forbidden = new Problem('CLUSTER', 'Cannot ask the cluster: secrets "x" is forbidden', { fix: '' });

test.each<[string, 'external' | 'secret-keys', string, Found, RegExp, RegExp]>([
  [
    'no ExternalSecret',
    'external',
    'SECRET-NOT-SYNCED',
    { isAbsent: true },
    /is not there$/,
    /flux get kustomizations/,
  ],
  [
    'a store that has no such entry',
    'external',
    'SECRET-NOT-SYNCED',
    { conditions: [failing] },
    /is not ready: could not get secret data from provider$/,
    /describe externalsecret .* has each of: API_KEY of|mcp\/fake\/API_KEY of ClusterSecretStore "vault"/,
  ],
  [
    'an absent operator',
    'external',
    'SECRET-NOT-SYNCED',
    { conditions: [] },
    /says nothing of it yet$/,
    /grep external-secrets/,
  ],
  [
    'a Secret that nobody has written',
    'secret-keys',
    'SECRET-NOT-SYNCED',
    { secrets: { kind: 'existing' }, printed: '' },
    /Secret fake-worker-secret is not there$/,
    /write it, with API_KEY, ARCADE_WORKER_SECRET; kubectl -n fake rollout restart deployment$/,
  ],
  [
    'a Secret without a key',
    'secret-keys',
    'SECRET-NOT-SYNCED',
    { secrets: { kind: 'existing' }, printed: `${written} ;ARCADE_WORKER_SECRET ` },
    /Secret fake-worker-secret has no API_KEY$/,
    /write key API_KEY of the Secret fake-worker-secret in the namespace fake; then kubectl/,
  ],
  [
    'an account that may not read it',
    'secret-keys',
    'CLUSTER',
    { secrets: { kind: 'existing' }, printed: forbidden },
    /Cannot tell which keys/,
    /--skip secret-keys/,
  ],
])('%s is reported at the step "%s" as %s', async (_what, step, code, found, message, fix) => {
  const { report } = await foundWith(found);
  expect(problemAt(report, step)).toMatchObject({ code, message: expect.stringMatching(message), isGood: false });
  const finding = findingOf(report, step);
  expect(finding && 'problem' in finding && finding.problem.fix).toMatch(fix);
});

test('where an ExternalSecret is ready, an account that may not read its Secret is a warning', async () => {
  const { report } = await foundWith({ printed: forbidden });
  expect(problemAt(report, 'secret-keys')).toMatchObject({ code: 'CLUSTER', isGood: true });
});

test.each([externalSecrets, { kind: 'existing' } as const])(
  'pods that have started before the Secret was last written may run on another value: %j',
  async (secrets) => {
    const { report } = await foundWith({ secrets, startedAt: '2026-11-23T00:00:00Z' });
    expect(problemAt(report, 'pods-secret')).toMatchObject({
      code: 'PODS-STALE',
      message: expect.stringMatching(/fake-a started before fake-worker-secret.* at 2026-11-23T00:00:01Z$/),
      isGood: true,
    });
  },
);

test('an old secret that still works is told with what ends the rotation where the secret lies', async () => {
  const server = testServer({ runtime: 'plain' }, 'fake', storePlatform(externalSecrets));
  const { stored } = targetOf(server, { secret: undefined, allowlist: allowlistFrom([]) });
  const old = 'the-secret-of-before';
  const made = await deployment({
    worker: { secret: old },
    target: { stored, secret: new Secret(Buffer.from(secret)), oldSecret: new Secret(Buffer.from(old)) },
  });
  const report = await verify(made.target, made.world, { skip: ['invoke', 'mcp', 'mcp-2026'] });
  await made.close();
  const [refused, still] = (['token', 'old-token'] as const).map((step) => findingOf(report, step));
  expect(refused && 'problem' in refused && refused.problem.fix).toContain(
    'kubectl -n fake rollout restart deployment',
  );
  expect(still && 'problem' in still && still.problem.fix).toContain(
    'take rotating: true in servers/fake/server.ts out',
  );
});
