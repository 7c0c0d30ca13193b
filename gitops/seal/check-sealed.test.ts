import type { Ciphertext, SealedValue } from '../../model/sealed';
import { sealedKeys } from '../../model/sealed';
import { testServer } from '../../testing/fixtures';
import { readCertificate, sampleSha256 } from './certificate';
import { checkSealed, type SealedFor } from './check-sealed';
import { seal } from './seal';
import keys from './vectors/keys.throwaway.json';

const server = testServer();
const [current, retired, other] = keys.keys.map(({ certPem }) => ({
  ...readCertificate(certPem, 'x'),
  isSample: false,
}));
if (current === undefined || retired === undefined || other === undefined)
  throw new Error('the vectors hold three keys');

const value: SealedValue = {
  ciphertext: seal(Buffer.from('v'), current, 'test-server'),
  scope: 'namespace-wide',
  namespace: 'test-server',
  certSha256: current.sha256,
  sealedOn: '2026-11-23',
};

test('accepts a value under the pinned or a retired certificate', () => {
  const underRetired = { ...value, ciphertext: seal(Buffer.from('v'), retired, 'x'), certSha256: retired.sha256 };
  expect(check({ ARCADE_WORKER_SECRET: value })).toEqual([]);
  expect(check({ ARCADE_WORKER_SECRET: underRetired })).toEqual([]);
});

test.each([
  ['for another namespace', { namespace: 'other' }, 'SEAL-LABEL'],
  ['strict, for one object name,', { scope: 'strict' as const }, 'SEAL-SCOPE'],
  ['under an unknown certificate', { certSha256: 'ab'.repeat(32) }, 'CERT-PIN'],
  ['under a key of another length', { ciphertext: seal(Buffer.from('v'), other, 'x') }, 'SEAL-FORM'],
  ['with a key part above the modulus', { ciphertext: aboveModulus() }, 'SEAL-FORM'],
])('reports a value sealed %s with the command that seals it again', (_, change, code) => {
  const problems = check({ ARCADE_WORKER_SECRET: { ...value, ...change } });
  expect(problems).toMatchObject([
    {
      code,
      level: 'error',
      path: 'ARCADE_WORKER_SECRET',
      fix: expect.stringContaining(
        'seal it again with the same value (--from-file <path>): npm run seal -- set test-server ARCADE_WORKER_SECRET; if it is lost, use --generate instead, and give the engine the new one',
      ),
    },
  ]);
  expect(JSON.stringify(problems)).not.toContain(value.ciphertext.slice(0, 40));
});

test.each([
  ['of nobody that is known', 'ab'.repeat(32), 'is not a certificate of this cluster', true],
  ['of another platform', 'cd'.repeat(32), 'belongs to "staging", not to "test-cluster"', false],
  ['that other platforms still have as their sample', 'ef'.repeat(32), 'is the sample certificate, not one of', false],
  ['that is the sample and no other platform has', sampleSha256, 'is the sample certificate, not one of', false],
])('says whose a certificate is: one %s', (_, certSha256, whose, mayBeRetired) => {
  const others = [
    { platform: 'staging', sha256: 'cd'.repeat(32), isSample: false },
    { platform: 'staging', sha256: 'ef'.repeat(32), isSample: true },
  ];
  const sealed = new Map([['ARCADE_WORKER_SECRET', { ...value, certSha256 }]]);
  const [problem, ...rest] = checkSealed(server, sealed, [current], others);
  expect(rest).toEqual([]);
  expect(problem).toMatchObject({ code: 'CERT-PIN', message: expect.stringContaining(whose) });
  expect(problem?.fix.includes('retiredCertificates')).toBe(mayBeRetired);
});

test('a wrong namespace is reported together with the right one', () => {
  const [problem] = check({ ARCADE_WORKER_SECRET: { ...value, namespace: 'old' } });
  expect(problem?.message).toContain('"old"');
  expect(problem?.message).toContain('"test-server"');
});

test('reports a secret without a sealed value with the command that seals it', () => {
  const platform = { ...server.platform, flag: ' --platform test-cluster' };
  const two = { ...server, secrets: ['ARCADE_WORKER_SECRET', 'TOKEN'] };
  const generate = 'npm run seal -- set test-server ARCADE_WORKER_SECRET --generate';
  const fixesOf = (owner: SealedFor) => checkSealed(owner, new Map(), []).map(({ code, fix }) => [code, fix]);
  expect(fixesOf(two)).toEqual([
    ['SEAL-MISSING', generate],
    ['SEAL-MISSING', 'npm run seal -- set test-server TOKEN'],
  ]);
  const instead = '; or list the platforms it runs on, without "test-cluster", under platforms';
  expect(fixesOf({ ...two, platform })).toEqual([
    ['SEAL-MISSING', `${generate} --platform test-cluster${instead}`],
    ['SEAL-MISSING', `npm run seal -- set test-server TOKEN --platform test-cluster${instead}`],
  ]);
});

test('a server that lists only another secret still requires the worker secret', () => {
  const named = testServer({ secrets: ['UPSTREAM_KEY'] });
  const problemsWith = (sealed: Record<string, SealedValue>) =>
    checkSealed(named, new Map(Object.entries(sealed)), [current]);
  expect(problemsWith({ UPSTREAM_KEY: value })).toMatchObject([{ code: 'SEAL-MISSING', path: 'ARCADE_WORKER_SECRET' }]);
  expect(problemsWith({ UPSTREAM_KEY: value, ARCADE_WORKER_SECRET: value })).toEqual([]);
});

test('rejects mixed scopes in one object', () => {
  const two = { ...server, secrets: ['A', 'B'] };
  const problems = checkSealed(
    two,
    new Map([
      ['A', value],
      ['B', { ...value, scope: 'cluster-wide' }],
    ]),
    [current],
  );
  expect(problems).toMatchObject([
    {
      code: 'SEAL-MIXED',
      message: expect.stringContaining('namespace-wide: A; cluster-wide: B'),
      fix: 'seal again every value that is not namespace-wide: npm run seal -- set test-server B',
    },
  ]);
});

test('a value under the sample certificate blocks only the delivery', () => {
  const certificates = [{ ...current, isSample: true }];
  const sealed = new Map([['ARCADE_WORKER_SECRET', value]]);
  expect(checkSealed(server, sealed, certificates)).toMatchObject([
    {
      code: 'SEAL-SAMPLE',
      level: 'delivery',
      fix: expect.stringContaining(
        'npm run seal -- fetch-cert <url or file>; then npm run seal -- set test-server ARCADE_WORKER_SECRET --generate',
      ),
    },
  ]);
  const platform = { ...server.platform, flag: ' --platform test-cluster' };
  const token = { ...server, platform, secrets: ['TOKEN'] };
  expect(checkSealed(token, new Map([['TOKEN', value]]), certificates)).toMatchObject([
    {
      code: 'SEAL-SAMPLE',
      fix: "pin the cluster's own: npm run seal -- fetch-cert <url or file> --platform test-cluster; then npm run seal -- set test-server TOKEN --platform test-cluster",
    },
  ]);
});

test('during a rotation, proposes to seal a value of it again only after the rotation has ended', () => {
  const rotating = (change: Partial<SealedValue>, certificate = current) =>
    checkSealed(
      server,
      new Map(['', '_PREVIOUS'].map((suffix) => [`ARCADE_WORKER_SECRET${suffix}`, { ...value, ...change }])),
      [certificate],
    ).map(({ code, fix }) => [code, fix]);
  const first = /^first end the rotation: .*seal -- abandon test-server .*, .*seal -- drop test-server .*; then seal /;
  for (const [change, code] of [
    [{ namespace: 'old' }, 'SEAL-LABEL'] as const,
    [{ certSha256: 'ab'.repeat(32) }, 'CERT-PIN'] as const,
  ]) {
    const fix = expect.stringMatching(first);
    expect(rotating(change)).toEqual([
      [code, fix],
      [code, fix],
    ]);
  }
  const drop =
    "pin the cluster's own: npm run seal -- fetch-cert <url or file>; then npm run seal -- drop test-server ARCADE_WORKER_SECRET_PREVIOUS";
  expect(rotating({}, { ...current, isSample: true })).toEqual([
    ['SEAL-SAMPLE', `${drop}; then npm run seal -- set test-server ARCADE_WORKER_SECRET --generate`],
    ['SEAL-SAMPLE', drop],
  ]);
});

test('accepts a sealed previous worker secret and warns about any other undeclared key', () => {
  const sealed = new Map([
    ['ARCADE_WORKER_SECRET', value],
    ['ARCADE_WORKER_SECRET_PREVIOUS', value],
    ['STRAY', value],
  ]);
  expect(sealedKeys(server, sealed)).toEqual(['ARCADE_WORKER_SECRET', 'ARCADE_WORKER_SECRET_PREVIOUS']);
  expect(checkSealed(server, sealed, [current])).toMatchObject([
    { code: 'SEAL-UNUSED', path: 'STRAY', level: 'warning' },
  ]);
});

function check(values: Record<string, SealedValue>) {
  return checkSealed(server, new Map(Object.entries(values)), [current ?? never(), retired ?? never()]);
}

function aboveModulus(): Ciphertext {
  const bytes = Buffer.from(value.ciphertext, 'base64').fill(0xff, 2, 20);
  // Only a cast can make an invalid value.
  return bytes.toString('base64') as Ciphertext;
}

function never(): never {
  throw new Error('the vectors hold three keys');
}
