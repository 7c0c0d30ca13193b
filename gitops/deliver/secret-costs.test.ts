import { render } from '../../charts/render';
import type { PlatformEntry } from '../../model/platform';
import { externalSecrets, storePlatform, testPlatform, testSealed, testServer } from '../../testing/fixtures';
import { costs } from './costs';
import type { FileChange } from './plan';
import { redactedDiff } from './redacted-diff';

type Secrets = PlatformEntry['secrets'] | 'none';

/** The files of a server with secrets from this source; `none`: no server. */
function filesOf(secrets: Secrets, runtime: 'plain' | 'st-app'): ReadonlyMap<string, string> {
  if (secrets === 'none') return new Map();
  const platform = secrets === undefined ? testPlatform : storePlatform(secrets);
  const server = testServer({ runtime, secrets: ['API_KEY'] }, 'weather', platform);
  const sealed = secrets === undefined ? testSealed(server) : new Map();
  return new Map(render(server, sealed).map(({ name, text }) => [`apps/mcp/weather/${name}`, text]));
}

function changesOf(from: Secrets, to: Secrets, runtime: 'plain' | 'st-app' = 'plain'): readonly FileChange[] {
  const [old, fresh] = [filesOf(from, runtime), filesOf(to, runtime)];
  return [...new Set([...old.keys(), ...fresh.keys()])].map((path) => {
    const [before, after] = [old.get(path), fresh.get(path)];
    const state =
      before === undefined ? 'new' : after === undefined ? 'removed' : before === after ? 'unchanged' : 'changed';
    return { path, state, server: 'weather', before, after };
  });
}

const existing = { kind: 'existing' } as const;

test.each<[string, Secrets, Secrets, string, string]>([
  [
    'from sealed to a store',
    undefined,
    externalSecrets,
    'from an ExternalSecret instead of a SealedSecret: new pods wait until weather-worker-secret-',
    'ClusterSecretStore vault is ready and has mcp/weather/API_KEY, mcp/weather/ARCADE_WORKER_SECRET; then npm run verify',
  ],
  [
    'from a store with entries of several values to sealed',
    { ...externalSecrets, key: 'mcp-{server}', property: '{name}' },
    undefined,
    'Flux deletes the ExternalSecret with its Secret, so restarted pods wait too',
    "sealed for this cluster's certificate",
  ],
  [
    'from sealed to an existing Secret',
    undefined,
    existing,
    'from a Secret managed elsewhere instead of a SealedSecret: new pods wait until weather-worker-secret exists',
    'before merging: kubectl -n weather get secret weather-worker-secret; then',
  ],
  [
    'from an existing Secret to a store',
    existing,
    { ...externalSecrets, key: 'mcp-{server}', property: '{name}' },
    'from an ExternalSecret instead of a Secret managed elsewhere',
    'has API_KEY in mcp-weather, ARCADE_WORKER_SECRET in mcp-weather;',
  ],
])('warns about a move %s with the checks to make first, in both runtimes', (_what, from, to, message, fix) => {
  for (const runtime of ['plain', 'st-app'] as const) {
    expect(costs(changesOf(from, to, runtime), new Set())).toMatchObject([
      {
        code: 'SECRET-MOVED',
        level: 'warning',
        file: 'apps/mcp/weather/server.yaml',
        message: expect.stringContaining(message),
        fix: expect.stringContaining(fix),
      },
    ]);
  }
});

test.each<[string, Secrets, Secrets]>([
  ['a new server', 'none', externalSecrets],
  ['another key in the store', externalSecrets, { ...externalSecrets, key: 'tools/{server}/{name}' }],
  ['no change', undefined, undefined],
])('does not warn about %s', (_what, from, to) => {
  expect(costs(changesOf(from, to), new Set())).toEqual([]);
});

test('does not warn about the Secret of a removed server', () => {
  expect(costs(changesOf(externalSecrets, 'none'), new Set(['weather'])).map(({ code }) => code)).toEqual([
    'NAMESPACE-REMOVED',
    'ADDRESS-CHANGED',
  ]);
});

test('a diff shows references to a store, but no value, even one added by hand', () => {
  const change = changesOf(externalSecrets, { ...externalSecrets, key: 'tools/{server}/{name}' }).find(({ path }) =>
    path.endsWith('externalsecret.yaml'),
  );
  if (change === undefined) throw new Error('expected a changed file');
  const shown = redactedDiff(change, () => new Map());
  expect(shown).toContain('-        key: mcp/weather/API_KEY');
  expect(shown).toContain('+        key: tools/weather/API_KEY');
  const secret =
    'apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: weather}\ndata:\n  API_KEY: aHVudGVyMg==\n';
  const edited = { ...change, before: `${change.before}---\n${secret}` };
  expect(redactedDiff(edited, () => new Map())).not.toContain('aHVudGVyMg');
});
