import { testPlatform } from '../testing/fixtures';
import { problemsOf } from '../testing/problems';
import { pick, serverList } from './servers';

const entry = { team: 'infra', image: 'registry.example.com/echo:1.0.1' };

test('two servers with one host are told, with the one that has it', () => {
  const { problems } = serverList(
    [
      { name: 'first', entry },
      { name: 'second', entry: { ...entry, host: 'first.example.com' } },
    ],
    [testPlatform],
  );
  expect(problems).toMatchObject([{ code: 'DNS-DUPLICATE', message: expect.stringContaining('"first"') }]);
});

test('two servers whose names give one toolkit are told, unless one of them has no tools', () => {
  const built = { team: 'infra', image: '1.0.1', description: 'Says it again.', version: '1.0.0' };
  const list = (tools?: readonly string[]) =>
    serverList(
      [
        { name: 'my-echo', entry: built, tools: ['echo'] },
        { name: 'myecho', entry: tools === undefined ? entry : built, tools },
      ],
      [testPlatform],
    );
  expect(list(['echo']).problems).toMatchObject([
    { code: 'TOOLKIT-DUPLICATE', file: 'servers/myecho/server.ts', message: expect.stringContaining('"my-echo"') },
  ]);
  expect(list().problems).toEqual([]);
});

test('one bad server hides no other', () => {
  const { servers, problems } = serverList(
    [
      { name: 'good', entry },
      { name: 'bad', entry: {} },
      { name: 'worse', entry: null },
    ],
    [testPlatform],
  );
  expect(servers.map(({ name }) => name)).toEqual(['good']);
  expect(new Set(problems.map(({ file }) => file))).toEqual(
    new Set(['servers/bad/server.ts', 'servers/worse/server.ts']),
  );
});

test('a name that is not declared is told with the one that was probably meant', () => {
  const { servers } = serverList([{ name: 'weather', entry }], [testPlatform]);
  expect(problemsOf(() => pick(servers, ['wether']))).toMatchObject([
    { code: 'SERVER-UNKNOWN', fix: 'write "weather"' },
  ]);
  expect(problemsOf(() => pick(servers, ['zzz']))).toMatchObject([{ fix: 'choose one of: weather' }]);
  expect(problemsOf(() => pick([], ['zzz']))).toMatchObject([{ fix: 'npm run new -- server <name>' }]);
  expect(pick(servers, [])).toEqual(servers);
});
