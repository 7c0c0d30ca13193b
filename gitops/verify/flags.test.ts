import { stripVTControlCharacters } from 'node:util';
import { serverList } from '../../model/servers';
import { deployment, goodZone } from '../../testing/fake-deployment/deployment';
import { testPlatform as platform } from '../../testing/fixtures';
import { allowlistFrom } from '../engine/allowlist';
import { durationMs, invokedTools, namesIn, skippedSteps, worldOptions } from './flags';
import { nodeWorld } from './node-world';
import { watch } from './report';
import { readSecrets } from './secrets';
import { targetOf } from './target';
import { pauseBefore, verify } from './verify';

const entry = { team: 'infra', image: 'registry.example.com/fake:1.0.0' };
const { servers } = serverList(
  [
    { name: 'fake', entry },
    { name: 'other', entry },
  ],
  [platform],
);
const [server] = servers;

function secretWorld(environment: Readonly<Record<string, string>>, piped: string | Buffer = '') {
  const stdin = Object.assign(
    (async function* () {
      if (piped !== '') yield Buffer.isBuffer(piped) ? piped : Buffer.from(piped);
    })(),
    { pause: () => undefined },
  );
  return { stdin, environment, say: () => undefined };
}

test.each([
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
])('parses the duration %s as %i ms', (text, ms) => {
  expect(durationMs(text, 'wait')).toBe(ms);
});

test.each([
  ['a duration without a unit', () => durationMs('5', 'wait')],
  ['a step that does not exist', () => skippedSteps(['health', 'nosuch'])],
  ['a name to connect to', () => worldOptions({ 'connect-to': 'localhost:80' })],
  ['a file that does not exist', () => worldOptions({ ca: ['/nowhere.pem'] })],
  ['a resolver by name', () => nodeWorld({ resolvers: ['dns.google'], timeoutMs: 1000 })],
  ['an address with /worker', () => targetFor('https://fake.example.com/worker')],
  ['an address without a scheme', () => targetFor('fake.example.com')],
])('rejects %s', (_what, read) => {
  expect(read).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

test('--connect-to takes IPv4 and IPv6 addresses, with and without a port', () => {
  const read = (text: string) => worldOptions({ 'connect-to': text }).connectTo;
  expect(read('192.0.2.1')).toEqual({ address: '192.0.2.1', port: undefined });
  expect(read('192.0.2.1:8443')).toEqual({ address: '192.0.2.1', port: 8443 });
  expect(read('[2001:db8::1]:8443')).toEqual({ address: '2001:db8::1', port: 8443 });
});

test('--invoke takes the tools of the folder in any form, and suggests the probable name of another', () => {
  const own = {
    toolkit: { name: 'Fake', version: '1.0.0', description: 'x' },
    tools: [{ name: 'ListOrders', engine: {}, mcp: {} }],
  };
  const [fake = { name: '' }, other = { name: '' }] = servers;
  const named = (names: string[], ...of: { name: string }[]) => invokedTools(names, of, new Map([['fake', own]]));
  const forms = ['all', 'listorders', 'Fake.ListOrders', 'Fake_ListOrders'];
  expect(named(forms, fake)).toEqual(forms);
  expect(() => named(['ListOrder'], fake)).toThrow(
    expect.objectContaining({ code: 'TOOL-UNKNOWN', fix: 'write "ListOrders"' }),
  );
  // The tools of an image that is built elsewhere are unknown.
  expect(named(['ListOrder'], fake, other)).toEqual(['ListOrder']);
});

test('names may be comma-separated, repeated, or both', () => {
  expect(namesIn(['Echo, Add', 'Whoami'])).toEqual(['Echo', 'Add', 'Whoami']);
});

test('pauses between retries double up to a limit', () => {
  expect([1, 2, 3, 4, 5, 60].map(pauseBefore)).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
});

test('expects no CNAME and no exposure at an address other than the declared one', () => {
  expect(targetFor()).toMatchObject({ cname: 'ingress.example.com', isInternal: false });
  expect(targetFor('http://10.0.192.27:8000')).toMatchObject({ cname: undefined, isInternal: false });
});

test("reads secrets from the environment variables that the engine's file names", async () => {
  const world = secretWorld({ FAKE_SECRET: 'one', OTHER_SECRET: 'two' });
  const secrets = await readSecrets(servers, {}, world);
  expect(secrets.map((secret) => secret.reveal().toString())).toEqual(['one', 'two']);
});

test('reads the secret of a single server from standard input by default', async () => {
  const [secret] = await readSecrets(servers.slice(0, 1), {}, secretWorld({}, 'piped'));
  expect(secret?.reveal().toString()).toBe('piped');
});

test('drops one trailing newline of a secret with --trim-newline, and none without', async () => {
  for (const [text, isTrimmed, wanted] of [
    ['s\n', undefined, 's\n'],
    ['s\n', true, 's'],
    ['s\r\n', true, 's'],
    ['s\n\n', true, 's\n'],
  ] as const) {
    const [secret] = await readSecrets(servers.slice(0, 1), { isTrimmed }, secretWorld({}, text));
    expect(secret?.reveal().toString()).toBe(wanted);
  }
});

test.each([
  ['UTF-8 with a byte order mark', Buffer.from('\ufeffhunter2')],
  ['UTF-16', Buffer.from('\ufeffhunter2\r\n', 'utf16le')],
])('rejects a secret in %s', async (encoding, bytes) => {
  const reading = readSecrets(servers.slice(0, 1), { isTrimmed: true }, secretWorld({}, bytes));
  const problem = { code: 'SECRET-ENCODING', message: expect.stringContaining(`it is ${encoding}`) };
  await expect(reading).rejects.toMatchObject(problem);
  expect(String(await reading.catch((error: unknown) => error))).not.toContain('hunter2');
});

test.each([
  ['SECRET-INPUT', 'a variable that is not set', { env: 'NOSUCH' }, 1],
  ['SECRET-INPUT', 'a missing file', { file: '/nowhere' }, 1],
  ['SECRET-INPUT', 'a server without its variable', {}, 2],
  ['SECRET-EMPTY', 'an empty standard input', { file: '-' }, 1],
  ['USAGE', 'one secret for several servers', { env: 'FAKE_SECRET' }, 2],
  ['USAGE', 'two sources', { env: 'FAKE_SECRET', file: '-' }, 1],
])('%s: %s', async (code, _what, flags, count) => {
  const world = secretWorld({ FAKE_SECRET: 'one' });
  await expect(readSecrets(servers.slice(0, count), flags, world)).rejects.toMatchObject({ code });
});

function targetFor(url?: string) {
  if (server === undefined) throw new Error('the fake server is not valid');
  return targetOf(server, { secret: undefined, allowlist: allowlistFrom([]), url });
}

test('prints a single server step by step, several servers as each finishes, and a retry as one line', async () => {
  const made = await deployment({ zone: {} });
  const { target } = made;
  const written: string[] = [];
  const print = (line: string) => void written.push(stripVTControlCharacters(line));
  const lineCounts: number[] = [];
  const watcher = watch([target], print);
  const sleep = async () => {
    expect(written.at(-1)).toBe('  … fake: retrying in 1 s, failed: name resolves, CNAME is the expected one');
    made.names.setZone(goodZone);
  };
  await verify(target, { ...made.world, sleep }, { ...watcher, waitMs: 3_600_000 });
  const text = written.join('\n');
  expect(text).toMatch(/^fake .*\n {2}✗ name resolves .* ms {2}DNS-UNRESOLVED\n.*next .*… fake: retrying in 1 s/s);
  expect(text).toMatch(/failed: .*\nfake .*\n {2}✓ name resolves .*✓ good: 12 passed, \d+\.\d s, 2 attempts$/s);
  const onStep = () => void lineCounts.push(written.length);
  for (const targets of [[target], [target, target]]) {
    written.length = 0;
    const { onReport, onStep: onLine } = watch(targets, print);
    await verify(target, made.world, {
      onReport,
      onStep(...step) {
        onLine(...step);
        onStep();
      },
    });
    expect(written).toHaveLength(14);
  }
  await made.close();
  const steps = Array.from({ length: 12 }, (_, index) => index + 2);
  expect(lineCounts).toEqual([...steps, ...steps.map(() => 0)]);
});
