import fc from 'fast-check';
import { stopOnErrors } from '../../model/problem';
import { serverFrom } from '../../model/spec';
import { testPlatform, testSealed } from '../../testing/fixtures';
import { problemsOf } from '../../testing/problems';
import { outputProblems } from '../rules/index';
import { outputFiles } from './tree';

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,40}[a-z0-9]$/);
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  label,
  fc.constantFrom('yes', '1e3', '0x1f', '$' + '{A}', ' a'),
);
const quantity = fc.constantFrom('50m', '1', '128Mi', '1.5Gi', '2M', '64Ki', '100m', 'lots');
const often = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

const entries = fc.record(
  {
    team: fc.oneof({ weight: 9, arbitrary: label }, { weight: 1, arbitrary: anyText }),
    image: fc.oneof(
      {
        weight: 9,
        arbitrary: fc
          .tuple(label, fc.constantFrom('1.0.1', 'v2.3.4-rc.1', '0a1b2c3', 'latest', '1'))
          .map(([name, tag]) => `r.example.com/${name}:${tag}`),
      },
      { weight: 1, arbitrary: anyText },
    ),
    replicas: often(
      fc.oneof(
        fc.integer({ min: -1, max: 60 }),
        fc.record({ min: fc.integer({ min: 0, max: 5 }), max: fc.integer({ min: 0, max: 9 }) }),
      ),
    ),
    resources: often(
      fc.record({ requests: fc.record({ cpu: quantity, memory: quantity }), limits: fc.record({ memory: quantity }) }),
    ),
    host: often(
      fc.oneof(
        label.map((name) => `${name}.example.com`),
        fc.domain(),
        anyText,
      ),
    ),
    exposure: often(fc.constantFrom('public', 'internal')),
    runtime: often(fc.constantFrom('st-app', 'plain')),
    probes: often(fc.constantFrom('off', 'tcp', 'http')),
    env: often(fc.dictionary(fc.stringMatching(/^[A-Z][A-Z_]{0,12}$/), anyText, { maxKeys: 3 })),
    values: often(
      fc.dictionary(fc.constantFrom('podAnnotations', 'replicaCount', 'ingress', 'nothing'), fc.jsonValue(), {
        maxKeys: 2,
      }),
    ),
  },
  { requiredKeys: ['team', 'image'] },
);

test('a declaration is refused with a code, or renders objects that are valid', () => {
  let rendered = 0;
  fc.assert(
    fc.property(
      fc.oneof({ weight: 9, arbitrary: label }, { weight: 1, arbitrary: anyText }),
      entries,
      (name, fields) => {
        const entry = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
        const server = serverFrom({ name, entry }, testPlatform);
        if (!('name' in server)) return server.length > 0;
        const problems = problemsOf(() => {
          const files = outputFiles([{ server, sealed: testSealed(server) }], testPlatform);
          stopOnErrors(outputProblems(files, [server], testPlatform));
        });
        // What the schema of a cluster or of a label would refuse must have been refused before; these may remain.
        const told = [
          'SUBSTITUTION',
          'BAD-VALUE',
          'NULL-VALUE',
          'UNKNOWN-VALUE',
          'SECRET-LEAK',
          'POLICY',
          'HOST-MISMATCH',
        ];
        rendered += problems.length === 0 ? 1 : 0;
        return problems.every(({ code }) => told.includes(code));
      },
    ),
    { numRuns: 400, seed: 20261123 },
  );
  expect(rendered).toBeGreaterThan(30);
});
