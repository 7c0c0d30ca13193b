import { testPlatform } from '../testing/fixtures';
import { nanoOf } from './quantity';
import { serversFrom } from './spec';
import vectors from './vectors/quantities.json';

test('an amount is read as Kubernetes reads it', () => {
  expect(vectors.cases.length).toBeGreaterThan(100);
  for (const { text, nano } of vectors.cases) expect([text, nanoOf(text)?.toString() ?? null]).toEqual([text, nano]);
});

const usual = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } };

/** What is told of a server whose usual resources are changed at one place. */
function told(kind: 'requests' | 'limits', resource: 'cpu' | 'memory', amount: string) {
  const resources = { ...usual, [kind]: { ...usual[kind], [resource]: amount } };
  const entry = { team: 'infra', image: 'registry.example.com/echo:1.0.1', resources };
  return serversFrom({ name: 'echo', entry }, [testPlatform]).problems.map(({ code, path, message, fix }) => {
    return `${code} ${path} ${message.replace(/^.*?: /, '')}; ${fix}`;
  });
}

test.each(['128Mi', '131072k', '134217728', '128e6', '0.125Gi', '.125Gi', '+128M'])(
  'memory of "%s" may be asked for',
  (amount) => {
    expect(told('requests', 'memory', amount).filter((line) => !line.includes('above the limit'))).toEqual([]);
  },
);

test.each(['262144k', '1P', '1E', '7Ei', '12Mi'])('a limit of "%s" is one of memory', (amount) => {
  expect(told('limits', 'memory', amount).filter((line) => !line.includes('above the limit'))).toEqual([]);
});

test.each(['50m', '1', '1.5', '0.001', '.5', '5e-1', '1000u'])('"%s" is a number of cores', (amount) => {
  expect(told('requests', 'cpu', amount)).toEqual([]);
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
])('memory of "%s" is refused with what is probably meant', (amount, reason) => {
  for (const kind of ['requests', 'limits'] as const) {
    expect(told(kind, 'memory', amount)).toContainEqual(expect.stringContaining(reason));
  }
});

test.each(['256', '256k', '5Mi'])('a limit of "%s" is less memory than a container starts with', (amount) => {
  expect(told('limits', 'memory', amount)).toContainEqual(
    expect.stringMatching(/^SERVER-FIELD .*less memory than any/),
  );
});

test.each([
  ['128Mi', 'is an amount of bytes, and CPU is counted in cores; write cores, such as "50m"'],
  ['1k', 'is an amount of bytes'],
  ['1E', 'is an amount of bytes'],
  ['half', 'is not a number of cores'],
  ['0.0001', 'is finer than a thousandth of a core'],
  ['100u', 'is finer than a thousandth of a core'],
  ['0', 'is not above 0'],
  ['0m', 'is not above 0'],
])('a CPU of "%s" is refused', (amount, reason) => {
  for (const kind of ['requests', 'limits'] as const) {
    expect(told(kind, 'cpu', amount)).toContainEqual(expect.stringContaining(reason));
  }
});

test('a request above its limit is refused, in whatever units the two are', () => {
  expect(told('requests', 'memory', '300000k')).toEqual([
    'SERVER-FIELD resources.requests.memory is above the limit "256Mi", which no API server takes; raise the limit, or ask for less',
  ]);
  expect(told('limits', 'cpu', '0.04')).toEqual([expect.stringMatching(/^SERVER-FIELD resources\.requests\.cpu /)]);
  expect(told('requests', 'memory', '268435456')).toEqual([]);
});
