import { stripVTControlCharacters } from 'node:util';
import { serverList } from '../../model/servers';
import { deployment, goodZone } from '../../testing/fake-deployment/deployment';
import { testPlatform as platform } from '../../testing/fixtures';
import { allowlistFrom } from '../engine/allowlist';
import { durationMs, namesIn, skippedSteps, worldOptions } from './flags';
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
])('the duration %s is %i ms', (text, ms) => {
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
])('%s is refused on the command line', (_what, read) => {
  expect(read).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

test('addresses to connect to may have every form', () => {
  const read = (text: string) => worldOptions({ 'connect-to': text }).connectTo;
  expect(read('192.0.2.1')).toEqual({ address: '192.0.2.1', port: undefined });
  expect(read('192.0.2.1:8443')).toEqual({ address: '192.0.2.1', port: 8443 });
  expect(read('[2001:db8::1]:8443')).toEqual({ address: '2001:db8::1', port: 8443 });
});

test('names may be separated by commas, repeated, or both', () => {
  expect(namesIn(['Echo, Add', 'Whoami'])).toEqual(['Echo', 'Add', 'Whoami']);
});

test('pauses double and stay bounded', () => {
  expect([1, 2, 3, 4, 5, 60].map(pauseBefore)).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
});

test('an address other than the declared one needs no CNAME and no exposure', () => {
  expect(targetFor()).toMatchObject({ cname: 'ingress.example.com', isInternal: false });
  expect(targetFor('http://10.0.192.27:8000')).toMatchObject({ cname: undefined, isInternal: false });
});

test('secrets come from the environment under the name that the file of the engine uses', async () => {
  const world = secretWorld({ FAKE_SECRET: 'one', OTHER_SECRET: 'two' });
  const secrets = await readSecrets(servers, {}, world);
  expect(secrets.map((secret) => secret.reveal().toString())).toEqual(['one', 'two']);
});

test('the secret of a single server comes from standard input by default', async () => {
  const [secret] = await readSecrets(servers.slice(0, 1), {}, secretWorld({}, 'piped'));
  expect(secret?.reveal().toString()).toBe('piped');
});

test('one newline at the end of a secret is dropped when that is asked for, and kept otherwise', async () => {
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
])('a secret that is %s is refused as that, before the cluster is blamed', async (encoding, bytes) => {
  const reading = readSecrets(servers.slice(0, 1), { isTrimmed: true }, secretWorld({}, bytes));
  const refused = { code: 'SECRET-ENCODING', message: expect.stringContaining(`it is ${encoding}`) };
  await expect(reading).rejects.toMatchObject(refused);
  expect(String(await reading.catch((error: unknown) => error))).not.toContain('hunter2');
});

test.each([
  ['SECRET-INPUT', 'a variable that is not set', { env: 'NOSUCH' }, 1],
  ['SECRET-INPUT', 'a file that is not there', { file: '/nowhere' }, 1],
  ['SECRET-INPUT', 'a server without its variable', {}, 2],
  ['SECRET-EMPTY', 'an empty standard input', { file: '-' }, 1],
  ['USAGE', 'one secret for several servers', { env: 'FAKE_SECRET' }, 2],
  ['USAGE', 'two places', { env: 'FAKE_SECRET', file: '-' }, 1],
])('%s: %s', async (code, _what, flags, count) => {
  const world = secretWorld({ FAKE_SECRET: 'one' });
  await expect(readSecrets(servers.slice(0, count), flags, world)).rejects.toMatchObject({ code });
});

function targetFor(url?: string) {
  if (server === undefined) throw new Error('the fake server is not valid');
  return targetOf(server, { secret: undefined, allowlist: allowlistFrom([]), url });
}

test('one server is printed step by step, several each when it is finished, and a retry as one line', async () => {
  const made = await deployment({ zone: {} });
  const { target } = made;
  const written: string[] = [];
  const print = (line: string) => void written.push(stripVTControlCharacters(line));
  const lineCounts: number[] = [];
  const watcher = watch([target], print);
  const sleep = async () => {
    expect(written.at(-1)).toBe('  … fake: again in 1 s, because of: name resolves, CNAME is the expected one');
    made.names.setZone(goodZone);
  };
  await verify(target, { ...made.world, sleep }, { ...watcher, waitMs: 3_600_000 });
  const text = written.join('\n');
  expect(text).toMatch(/^fake .*\n {2}✗ name resolves .* ms {2}DNS-UNRESOLVED\n.*next .*… fake: again in 1 s/s);
  expect(text).toMatch(/because of: .*\nfake .*\n {2}✓ name resolves .*✓ good: 12 passed, \d+\.\d s, 2 attempts$/s);
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
