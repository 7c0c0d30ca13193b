import { recordedName, recordedToolkit } from '../../testing/exchanges/recorded';
import vectors from '../../testing/exchanges/vectors/worker-names.json';
import { toolOf } from '../../testing/worker/both-routes';
import { z } from './define-tool';
import { loadCatalog } from './load';
import { isServerName, isToolName, normalVersion, toolkitNameOf, toolNameOf } from './names';

test.each(Object.entries(vectors.tools))('the tool %j is published as %j', (source, published) => {
  expect(toolNameOf(source)).toBe(published);
});

test.each(Object.entries(vectors.toolkits))('the toolkit %j is published as %j', (source, published) => {
  expect(toolkitNameOf(source)).toBe(published);
});

test.each(Object.entries(vectors.versions))('the version %j is published as %j', (source, published) => {
  expect(normalVersion(source) ?? null).toBe(published);
});

test.each(Object.entries(vectors.app_names))('the server name %j is accepted: %j', (name, isAccepted) => {
  expect(isServerName(name)).toBe(isAccepted);
});

test.each([
  ['multiply', true],
  ['list_items_v2', true],
  ['http2_get', true],
  ['Multiply_It', false],
  ['multiplyIt', false],
  ['multiply-it', false],
  ['multiply__it', false],
  ['_multiply', false],
  ['multiply_', false],
  ['2fast', false],
  ['', false],
])('the file name %j is a valid tool name: %j', (name, isAccepted) => {
  expect(isToolName(name)).toBe(isAccepted);
});

describe('names that model APIs accept', () => {
  const text = z.string().describe('A text.');
  const load = (name: string, input: z.ZodObject = z.strictObject({})) =>
    loadCatalog(recordedToolkit, new Map([[name, toolOf({ input, run: () => null })]]));

  test.each<[where: string, input: z.ZodObject, key: string]>([
    ['of a parameter', z.strictObject({ $filter: text }), '$filter'],
    ['with brackets', z.strictObject({ 'items[state]': text }), 'items[state]'],
    ['of 65 characters', z.strictObject({ ['a'.repeat(65)]: text }), 'a'.repeat(65)],
    ['that is empty', z.strictObject({ '': text }), ''],
    ['with a letter outside ASCII', z.strictObject({ größe: text }), 'größe'],
    ['of a nested object', z.strictObject({ of: z.strictObject({ '@id': text }).describe('x') }), '@id'],
    ['of an object in a list', z.strictObject({ of: z.array(z.strictObject({ 'a b': text })).describe('x') }), 'a b'],
    ['of a record', z.strictObject({ of: z.record(z.enum(['a/b']), z.string()).describe('x') }), 'a/b'],
    [
      "in a record's values",
      z.strictObject({ of: z.record(z.string(), z.strictObject({ '#': text })).describe('x') }),
      '#',
    ],
  ])('rejects a key %s, naming tool, key and rule', (_where, input, key) => {
    expect(() => load('find', input)).toThrow(
      new Error(
        `Cannot load the tools:\n  find: model APIs reject the parameter name "${key}": they accept 1 to 64 of ` +
          'a-z, A-Z, 0-9, "_", "." and "-"; use another name',
      ),
    );
  });

  test('accepts a key with every allowed character, and one of 64 characters', () => {
    const input = z.strictObject({ 'a.b-C_9': text, ['a'.repeat(64)]: text });
    expect(load('find', input).tools).toHaveLength(1);
  });

  const room = 64 - `${recordedName}_`.length;
  test('rejects an MCP name of 65 characters and accepts one of 64', () => {
    expect(() => load('a'.repeat(room + 1))).toThrow(
      `its MCP name ${recordedName}_A${'a'.repeat(room)} has 65 characters; model APIs accept at most 64; ` +
        'shorten the name of the tool or the server',
    );
    expect(load('a'.repeat(room)).tools).toHaveLength(1);
  });

  test('reports a name that is too long with the server prefix that clients add', () => {
    const roomInClient = room - `mcp__${recordedToolkit.name}__`.length;
    expect(load('a'.repeat(roomInClient)).longNames).toEqual([]);
    const name = `A${'a'.repeat(roomInClient)}`;
    expect(load(name.toLowerCase()).longNames).toEqual([`mcp__${recordedToolkit.name}__${recordedName}_${name}`]);
  });
});
