import { stripVTControlCharacters } from 'node:util';
import { serverList } from '../../model/servers';
import { deployment } from '../../testing/fake-deployment/deployment';
import { testPlatform as platform } from '../../testing/fixtures';
import { allowlistFrom } from '../engine/allowlist';
import { durationMs, namesIn, skippedSteps, worldOptions } from './flags';
import { nodeWorld } from './node-world';
import { readSecrets } from './secrets';
import { targetOf } from './target';
import { pauseBefore, verify } from './verify';
import { LiveLines, watch } from './watch';

const entry = { team: 'infra', image: 'registry.example.com/fake:1.0.0' };
const { servers } = serverList(
  [
    { name: 'fake', entry },
    { name: 'other', entry },
  ],
  platform,
);
const [server] = servers;

function secretWorld(environment: Readonly<Record<string, string>>, piped = '') {
  const stdin = Object.assign(
    (async function* () {
      if (piped !== '') yield Buffer.from(piped);
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

test('on a terminal the lower lines are redrawn, within its width; a log does not get them', () => {
  const written = (isTTY: boolean) => {
    const texts: string[] = [];
    const lines = new LiveLines({ isTTY, columns: 10, rows: 5, write: (text) => texts.push(text) });
    lines.show(['running a long step']);
    lines.print(['done']);
    lines.show([]);
    return texts.join('');
  };
  expect(written(false)).toBe('done\n');
  expect(written(true)).toContain('running a\x1b[0m\n\x1b[1A\r\x1b[Jdone\n');
});

function targetFor(url?: string) {
  if (server === undefined) throw new Error('the fake server is not valid');
  return targetOf(server, platform, { secret: undefined, allowlist: allowlistFrom([]), url });
}

test('a terminal shows the steps of one server while they run; a log gets the server when it is finished', async () => {
  const made = await deployment();
  const written: Record<'log' | 'terminal', string> = { log: '', terminal: '' };
  const outputTo = (name: 'log' | 'terminal') => ({
    isTTY: name === 'terminal',
    columns: 120,
    rows: 50,
    write: (text: string) => {
      written[name] += text;
    },
  });
  for (const name of ['log', 'terminal'] as const) {
    const watcher = watch([made.target], outputTo(name));
    watcher.onReport(await verify(made.target, made.world, watcher));
  }
  await made.close();
  const lineCount = (text: string) => text.split('name resolves').length - 1;
  expect(lineCount(written.log)).toBe(1);
  expect(lineCount(written.terminal)).toBeGreaterThan(10);
  expect(stripVTControlCharacters(written.log)).toMatch(
    /^fake .*\n {2}✓ name resolves .*✓ good: 12 passed, \d\.\d s\n$/s,
  );
});
