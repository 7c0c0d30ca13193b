import fc from 'fast-check';
import { compositeKinds, fuzzSchemas } from '../../testing/worker/fuzz-schemas';
import { schemaKinds } from '../../testing/worker/schema-kinds';
import { SchemaProbe } from '../../testing/worker/schema-probe';
import { z } from './define-tool';

/** Set SCHEMA_RUNS=20000 for a long run with random seeds. */
const runs = Number(process.env.SCHEMA_RUNS ?? 75);
const seed = process.env.SCHEMA_RUNS === undefined ? { seed: 20_261_125 } : {};

test.each(schemaKinds)('all readers agree on $name, in any position', async ({ schema, values, isExpressible }) => {
  const places = { is: schema.optional(), or: schema.nullable().optional(), of: z.array(schema).optional() };
  const probe = new SchemaProbe({ schema: z.strictObject(places), isExpressible });
  const verdicts = new Set<boolean>();
  for (const value of values) {
    for (const held of [{ is: value }, { or: value }, { of: [value] }]) {
      verdicts.add(probe.takes({ v: held }));
      verdicts.add(await probe.gives(held));
    }
  }
  // The values must cover both accepted and rejected ones.
  expect(verdicts).toEqual(new Set([true, false]));
});

test('all readers agree on generated schemas', async () => {
  const parts = new Set<string>();
  const verdicts = { true: 0, false: 0 };
  const property = fc.asyncProperty(
    fuzzSchemas().chain((made) => fc.tuple(fc.constant(made), fc.array(made.values, { minLength: 6, maxLength: 6 }))),
    async ([made, values]) => {
      for (const part of made.parts) parts.add(part);
      const probe = new SchemaProbe(made);
      probe.takes({});
      for (const v of values) {
        verdicts[`${probe.takes({ v })}`] += 1;
        verdicts[`${await probe.gives(v)}`] += 1;
      }
      await probe.gives(undefined);
      await probe.gives(null);
    },
  );
  await fc.assert(property, { numRuns: runs, ...seed });
  expect(compositeKinds.filter((name) => !parts.has(name))).toEqual([]);
  expect(Math.min(verdicts.true, verdicts.false)).toBeGreaterThan(runs);
}, 3_600_000);
