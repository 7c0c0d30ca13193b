import Ajv from 'ajv';
import schema from '../../imports/registry-server.schema.json';
import { serverList } from '../../model/servers';
import { testPlatform } from '../../testing/fixtures';
import { registryEntry } from '../rules/registry-entry';
import { registryFiles } from './registry';

const isEntry = new Ajv({ strict: false, validateFormats: false }).compile(schema);

/** The registry entry of a server with these fields; undefined when it has none. */
function entryOf(fields: object = {}, name = 'weather', tools: readonly string[] | undefined = ['forecast']) {
  const entry = { team: 'infra', image: '1.0.1', description: 'Tells the weather.', version: '1.2.3', ...fields };
  const { servers, problems } = serverList([{ name, entry, tools }], [testPlatform]);
  expect(problems).toEqual([]);
  const [file] = servers.flatMap(registryFiles);
  return file && { ...file, entry: JSON.parse(file.text) };
}

test('a public server has a valid entry, named after its host', () => {
  const { path, entry } = entryOf() ?? {};
  expect(path).toBe('registry/test-cluster/weather.json');
  expect(entry).toMatchObject({
    name: 'com.example.weather/weather',
    version: '1.2.3',
    remotes: [{ type: 'streamable-http', url: 'https://weather.example.com/mcp' }],
  });
  expect([isEntry(entry), isEntry.errors]).toEqual([true, null]);
  expect(entryOf({ host: 'tools.example.com' })?.entry.name).toBe('com.example.tools/weather');
});

test('an internal server, and one whose image is built elsewhere, have no entry', () => {
  expect(entryOf({ exposure: 'internal' })).toBeUndefined();
  const image = { image: 'registry.example.com/weather:1.0.1', description: undefined, version: undefined };
  const { servers } = serverList([{ name: 'weather', entry: { team: 'infra', ...image } }], [testPlatform]);
  expect(servers.flatMap(registryFiles)).toEqual([]);
  expect(servers).toHaveLength(1);
});

test.each([
  [`${'word '.repeat(19)}word.`, `${'word '.repeat(19)}word.`],
  [`${'word '.repeat(25)}end.`, `${'word '.repeat(19).trimEnd()}…`],
  ['x'.repeat(101), `${'x'.repeat(99)}…`],
  ['\u{1f324}'.repeat(100), '\u{1f324}'.repeat(100)],
  ['\u{1f324}'.repeat(101), `${'\u{1f324}'.repeat(99)}…`],
])('shortens the description %s to fit', (description, shown) => {
  const entry = entryOf({ description })?.entry;
  expect(entry.description).toBe(shown);
  expect(isEntry(entry)).toBe(true);
});

test('rejects a name that is too long for the registry', () => {
  const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.example.com`;
  const file = entryOf({ host }, 'a-name-that-is-long');
  expect(isEntry(file?.entry)).toBe(false);
  expect(file && registryEntry(file)).toMatchObject([
    { code: 'SCHEMA', message: expect.stringContaining('name must NOT have more than 200 characters'), path: 'host' },
  ]);
});
