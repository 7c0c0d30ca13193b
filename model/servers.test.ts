import { testPlatform } from '../testing/fixtures';
import { problemsOf } from '../testing/problems';
import { pick, serverList } from './servers';

const entry = { team: 'infra', image: 'registry.example.com/echo:1.0.1' };

test('reports two servers with one host, and names the first', () => {
  const { problems } = serverList(
    [
      { name: 'first', entry },
      { name: 'second', entry: { ...entry, host: 'first.example.com' } },
    ],
    [testPlatform],
  );
  expect(problems).toMatchObject([{ code: 'DNS-DUPLICATE', message: expect.stringContaining('"first"') }]);
});

test('reports two servers with the same toolkit name, unless one has no tools', () => {
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

test('an invalid server does not hide the others', () => {
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

test('rejects an unknown name and suggests the probable one', () => {
  const { servers } = serverList([{ name: 'weather', entry }], [testPlatform]);
  expect(problemsOf(() => pick(servers, ['wether']))).toMatchObject([
    { code: 'SERVER-UNKNOWN', fix: 'write "weather"' },
  ]);
  expect(problemsOf(() => pick(servers, ['zzz']))).toMatchObject([{ fix: 'choose one of: weather' }]);
  expect(problemsOf(() => pick([], ['zzz']))).toMatchObject([{ fix: 'npm run new -- server <name>' }]);
  expect(pick(servers, [])).toEqual(servers);
});
