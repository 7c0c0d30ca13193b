import { testPlatform } from '../testing/fixtures';
import { nanoOf } from './quantity';
import { serversFrom } from './spec';
import vectors from './vectors/quantities.json';

test('parses quantities as Kubernetes does', () => {
  expect(vectors.cases.length).toBeGreaterThan(100);
  for (const { text, nano } of vectors.cases) expect([text, nanoOf(text)?.toString() ?? null]).toEqual([text, nano]);
});

const defaults = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } };

/** The problems of a server whose default resources have one changed amount. */
function problemsOf(kind: 'requests' | 'limits', resource: 'cpu' | 'memory', amount: string) {
  const resources = { ...defaults, [kind]: { ...defaults[kind], [resource]: amount } };
  const entry = { team: 'infra', image: 'registry.example.com/echo:1.0.1', resources };
  return serversFrom({ name: 'echo', entry }, [testPlatform]).problems.map(({ code, path, message, fix }) => {
    return `${code} ${path} ${message.replace(/^.*?: /, '')}; ${fix}`;
  });
}

test.each(['128Mi', '131072k', '134217728', '128e6', '0.125Gi', '.125Gi', '+128M'])(
  'accepts a memory request of "%s"',
  (amount) => {
    expect(problemsOf('requests', 'memory', amount).filter((line) => !line.includes('above the limit'))).toEqual([]);
  },
);

test.each(['262144k', '1P', '1E', '7Ei', '12Mi'])('accepts a memory limit of "%s"', (amount) => {
  expect(problemsOf('limits', 'memory', amount).filter((line) => !line.includes('above the limit'))).toEqual([]);
});

test.each(['50m', '1', '1.5', '0.001', '.5', '5e-1', '1000u'])('accepts "%s" as cores', (amount) => {
  expect(problemsOf('requests', 'cpu', amount)).toEqual([]);
});

test.each([
  ['512m', 'is in fractions of a byte; write "512Mi"'],
  ['512K', 'is not an amount of bytes; write "512k" for powers of 1000 or "512Ki" for powers of 1024'],
  ['1GB', 'write "1G" for powers of 1000 or "1Gi"'],
  ['1 gib', 'write "1G" for powers of 1000 or "1Gi"'],
  ['256mb', 'write "256M" for powers of 1000 or "256Mi"'],
  ['lots', 'is not an amount of bytes; write bytes, such as "128Mi"'],
  ['', 'is not an amount of bytes'],
  ['128.5', 'is not a whole number of bytes'],
  ['0', 'is not above 0'],
  ['-1Gi', 'is not above 0'],
  ['8Ei', 'is more than Kubernetes can count'],
])('rejects memory of "%s" and suggests a fix', (amount, reason) => {
  for (const kind of ['requests', 'limits'] as const) {
    expect(problemsOf(kind, 'memory', amount)).toContainEqual(expect.stringContaining(reason));
  }
});

test.each(['256', '256k', '5Mi'])('rejects a memory limit of "%s" as too small to start a container', (amount) => {
  expect(problemsOf('limits', 'memory', amount)).toContainEqual(
    expect.stringMatching(/^SERVER-FIELD .*less memory than any/),
  );
});

test.each([
  ['128Mi', 'is an amount of bytes, but CPU is measured in cores; write cores, such as "50m"'],
  ['1k', 'is an amount of bytes'],
  ['1E', 'is an amount of bytes'],
  ['half', 'is not a number of cores'],
  ['0.0001', 'is finer than a thousandth of a core'],
  ['100u', 'is finer than a thousandth of a core'],
  ['0', 'is not above 0'],
  ['0m', 'is not above 0'],
])('rejects a CPU of "%s"', (amount, reason) => {
  for (const kind of ['requests', 'limits'] as const) {
    expect(problemsOf(kind, 'cpu', amount)).toContainEqual(expect.stringContaining(reason));
  }
});

test('rejects a request above its limit, whatever their units', () => {
  expect(problemsOf('requests', 'memory', '300000k')).toEqual([
    'SERVER-FIELD resources.requests.memory is above the limit "256Mi"; raise the limit, or request less',
  ]);
  expect(problemsOf('limits', 'cpu', '0.04')).toEqual([
    expect.stringMatching(/^SERVER-FIELD resources\.requests\.cpu /),
  ]);
  expect(problemsOf('requests', 'memory', '268435456')).toEqual([]);
});
