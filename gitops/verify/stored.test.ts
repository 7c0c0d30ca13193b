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

/** A plain server whose secrets are not sealed here, as an API server reports it (external-secrets 1.3.2). */
interface Found {
  readonly secrets?: PlatformEntry['secrets'];
  /** Conditions of the ExternalSecret. @default - ready */
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

test('passes a server whose Secret comes from a store, without reading a value', async () => {
  const { report, asked } = await foundWith({});
  expect(report.results.map(({ step, finding }) => [step.name, 'detail' in finding && finding.detail])).toEqual([
    ['external', expect.stringMatching(/^fake-worker-secret-[0-9a-f]{10}$/)],
    ['secret-keys', '2 keys; pods read a new value when they restart'],
    ['pods', '1 of 1 ready'],
    ['pods-secret', expect.stringMatching(/^fake-worker-secret-/)],
  ]);
  expect(asked[0]).toMatch(/^get externalsecrets\.external-secrets\.io,pods /);
  expect(asked.slice(1)).toEqual([
    expect.stringMatching(/^get secret \S+ --namespace fake --ignore-not-found .*\$key/),
  ]);
  expect(asked.join()).not.toContain('sealedsecrets');
});

test('prints the kind of secrets before the steps, and has it in the JSON', async () => {
  const { report } = await foundWith({});
  const lines: string[] = [];
  watch([report.target], (line) => lines.push(line));
  expect(lines[1]).toMatch(/^ {2}secrets of test-cluster are external: .* restart deployment$/);
  expect(reportJson(report)).toMatchObject({ secrets: 'external' });
  expect(JSON.stringify(reportJson({ ...report, target: { ...report.target, stored: undefined } }))).not.toContain(
    '"secrets"',
  );
});

test('checks only the keys of an existing Secret, and no operator', async () => {
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
    'a missing ExternalSecret',
    'external',
    'SECRET-NOT-SYNCED',
    { isAbsent: true },
    /does not exist$/,
    /flux get kustomizations/,
  ],
  [
    'a store without the entry',
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
    /has not reported on it yet$/,
    /grep external-secrets/,
  ],
  [
    'a missing Secret',
    'secret-keys',
    'SECRET-NOT-SYNCED',
    { secrets: { kind: 'existing' }, printed: '' },
    /Secret fake-worker-secret does not exist$/,
    /create it with API_KEY, ARCADE_WORKER_SECRET; kubectl -n fake rollout restart deployment$/,
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
    /Cannot read the keys/,
    /--skip secret-keys/,
  ],
])('reports %s at the step "%s" as %s', async (_what, step, code, found, message, fix) => {
  const { report } = await foundWith(found);
  expect(problemAt(report, step)).toMatchObject({ code, message: expect.stringMatching(message), isGood: false });
  const finding = findingOf(report, step);
  expect(finding && 'problem' in finding && finding.problem.fix).toMatch(fix);
});

test('only warns when the account may not read the Secret of a ready ExternalSecret', async () => {
  const { report } = await foundWith({ printed: forbidden });
  expect(problemAt(report, 'secret-keys')).toMatchObject({ code: 'CLUSTER', isGood: true });
});

test.each([externalSecrets, { kind: 'existing' } as const])(
  'warns of pods that started before the last write of the Secret: %j',
  async (secrets) => {
    const { report } = await foundWith({ secrets, startedAt: '2026-11-23T00:00:00Z' });
    expect(problemAt(report, 'pods-secret')).toMatchObject({
      code: 'PODS-STALE',
      message: expect.stringMatching(/fake-a started before fake-worker-secret.* at 2026-11-23T00:00:01Z$/),
      isGood: true,
    });
  },
);

test('reports an old secret that still works with the commands that finish the rotation', async () => {
  const server = testServer({ runtime: 'plain' }, 'fake', storePlatform(externalSecrets));
  const { stored } = targetOf(server, { secret: undefined, allowlist: allowlistFrom([]) });
  const old = 'the-previous-secret';
  const made = await deployment({
    worker: { secret: old },
    target: { stored, secret: new Secret(Buffer.from(secret)), oldSecret: new Secret(Buffer.from(old)) },
  });
  const report = await verify(made.target, made.world, { skip: ['invoke', 'mcp', 'mcp-2026'] });
  await made.close();
  const [rejected, accepted] = (['token', 'old-token'] as const).map((step) => findingOf(report, step));
  expect(rejected && 'problem' in rejected && rejected.problem.fix).toContain(
    'kubectl -n fake rollout restart deployment',
  );
  expect(accepted && 'problem' in accepted && accepted.problem.fix).toContain(
    'remove rotating: true in servers/fake/server.ts',
  );
});
