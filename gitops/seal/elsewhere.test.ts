import { existsSync } from 'node:fs';
import { FakeSealWorld } from '../../testing/fake-seal-world';
import { externalSecrets, storePlatform } from '../../testing/fixtures';

/** The fake repository with its secrets in a store, or in an existing Secret. */
function worldWith(kind: 'external' | 'existing'): FakeSealWorld {
  const world = new FakeSealWorld();
  const pins = world.pins();
  const { secrets } = storePlatform(kind === 'external' ? externalSecrets : { kind });
  world.pins = () => ({ ...pins, secrets });
  return world;
}

const [worker, store] = ['ARCADE_WORKER_SECRET', 'ClusterSecretStore "vault"'];
const there = `key ${worker} of the Secret test-server-worker-secret in the namespace test-server`;
const restart = 'kubectl -n test-server rollout restart deployment';

test.each<['external' | 'existing', string, readonly string[]]>([
  [
    'external',
    'set test-server TOKEN',
    [`write the value to mcp/test-server/TOKEN of ${store}; `, 'force-sync', restart],
  ],
  [
    'external',
    'set test-server OTHER',
    ['list it under secrets in servers/test-server/server.ts; ', 'mcp/test-server/OTHER'],
  ],
  ['external', 'drop test-server TOKEN', ['remove it from secrets', 'remove mcp/test-server/TOKEN']],
  [
    'external',
    `rotate test-server ${worker}`,
    [
      `copy the value of mcp/test-server/${worker} of ${store} to mcp/test-server/${worker}_PREVIOUS of ${store}; write rotating: true in`,
      `write a new value to mcp/test-server/${worker} of ${store}; kubectl`,
      'give the engine the new value',
      'then remove rotating: true in servers/test-server/server.ts',
    ],
  ],
  ['external', `finish test-server ${worker}`, ['once the engine has the new value', 'remove rotating: true in']],
  ['external', `abandon test-server ${worker}`, ['write the previous value to', 'remove rotating: true in']],
  ['external', 'rotate test-server TOKEN', ['write the value to mcp/test-server/TOKEN']],
  [
    'existing',
    'set test-server TOKEN',
    ['write the value to key TOKEN of the Secret test-server-worker-secret', restart],
  ],
  ['existing', `rotate test-server ${worker}`, ['in one change: copy the value to key', `write a new one to ${there}`]],
  ['existing', `finish test-server ${worker}`, [`remove key ${worker}_PREVIOUS`, restart]],
])('with %s secrets, rejects "%s" before reading a value and says what to do instead', async (kind, line, parts) => {
  const world = worldWith(kind);
  const unread = (async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('');
    throw new Error('the value was read');
  })();
  const [problem, ...others] = await world.problems(line, unread);
  expect(others).toEqual([]);
  expect(problem).toMatchObject({
    code: 'SEAL-ELSEWHERE',
    file: 'platforms/test-cluster.ts',
    message: expect.stringContaining(`the secrets of "fake-cluster" are ${kind}, so nothing is sealed for it`),
  });
  for (const part of parts) expect(problem?.fix).toContain(part);
  expect(existsSync(world.sealedFile())).toBe(false);
});

test('status shows where each secret is stored, how pods pick it up, and no missing sealed values', async () => {
  const world = worldWith('external');
  expect(await world.run('status')).toBe(0);
  const lines = world.printed.join('\n').split('\n');
  expect(lines[0]).toMatch(/^server\s+key\s+kind\s+where$/);
  expect(lines).toContainEqual(
    expect.stringMatching(/^test-server\s+TOKEN\s+external\s+mcp\/test-server\/TOKEN of ClusterSecretStore "vault"$/),
  );
  expect(lines.filter((line) => /^secrets of fake-cluster are external: .*restart/.test(line))).toHaveLength(1);
  expect(world.said).toEqual([]);
  await world.run('status other --json');
  expect(JSON.parse(world.printed.join())).toEqual({
    sealed: [],
    elsewhere: [
      {
        ...{ server: 'other', platform: 'fake-cluster', key: worker, kind: 'external' },
        place: `mcp/other/${worker} of ${store}`,
      },
    ],
    rotations: [],
    problems: [],
  });
});
