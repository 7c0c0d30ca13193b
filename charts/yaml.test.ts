import fc from 'fast-check';
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml';
import { parse } from 'yaml';
import { unsafeParts } from '../model/yaml-safe';
import vectors from './vectors/yaml-scalars.json';
import { yamlOf } from './yaml';

const parsers = {
  'js-yaml 1.1': (text: string) => load(text, { schema: YAML11_SCHEMA }),
  'js-yaml 1.2': (text: string) => load(text, { schema: CORE_SCHEMA }),
  'yaml 1.1': (text: string) => parse(text, { version: '1.1' }),
  'yaml 1.2': (text: string) => parse(text, { version: '1.2' }),
};

test.each(Object.entries(parsers))('every string survives %s as a value, a key and an item', (_, read) => {
  expect(vectors.mustSurvive.length).toBeGreaterThan(50);
  for (const text of vectors.mustSurvive) {
    expect(read(yamlOf({ value: text, list: [text], map: { [`k${text}`]: 1 } }))).toEqual({
      value: text,
      list: [text],
      map: { [`k${text}`]: 1 },
    });
  }
});

test('keeps numbers and booleans', () => {
  const object = { whole: 8000, half: 0.5, no: false, yes: true, empty: {}, none: [] };
  for (const read of Object.values(parsers)) expect(read(yamlOf(object))).toEqual(object);
});

test('rejects strings that Go parsers alter or reject', () => {
  expect(vectors.mustRefuse.length).toBeGreaterThan(4);
  for (const { text } of vectors.mustRefuse) {
    expect(unsafeParts({ key: text }, 'env')).toMatchObject([{ code: 'BAD-VALUE', path: 'env.key' }]);
  }
});

test('writes long strings on one line, and repeated objects without an anchor', () => {
  const shared = { a: 1 };
  const text = yamlOf({ long: 'word '.repeat(100).trim(), one: shared, two: shared });
  expect(text.split('\n')).toHaveLength(6);
  expect(text).not.toMatch(/[&*]/);
});

test('random strings survive every parser', () => {
  // In YAML 1.1 mode the package yaml (2.9) reads "." and "E0" as numbers, unlike any parser in a cluster.
  const { 'yaml 1.1': _, ...rest } = parsers;
  const others = Object.values(rest);
  const texts = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[~=<.+\w-]{1,4}[\w.:+ #-]{0,6}$/),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      fc.pre(unsafeParts({ key: text }, '').length === 0);
      for (const read of others) expect(read(yamlOf({ [text]: text }))).toEqual({ [text]: text });
    }),
    { numRuns: 200, seed: 20261125 },
  );
});
