import { load } from 'js-yaml';
import type { Platform } from '../../model/platform';
import { serverList } from '../../model/servers';
import type { Server } from '../../model/spec';
import { externalSecrets, storePlatform, testPlatform } from '../../testing/fixtures';
import { registrationJson, registrationText } from './print';

const textFor = (exposure: 'public' | 'internal') => registrationText(serverWith(exposure));

function serverWith(exposure: 'public' | 'internal', platform: Platform = testPlatform): Server {
  const entry = { team: 'infra', image: 'registry.example.com/fake:1.0.0', exposure };
  const [server] = serverList([{ name: 'fake', entry }], [platform]).servers;
  if (server === undefined) throw new Error('the fake server is not valid');
  return server;
}

test('prints a public server as the fields of the dashboard, with its URL without /worker', () => {
  const [dashboard, file] = textFor('public').split('\n\nOr, when the engine resolves a private address:\n\n');
  expect(file).toContain('uri: https://fake.example.com');
  expect(dashboard).toBe(
    [
      'In the dashboard: Servers, Add Server',
      '',
      '  ID       fake',
      '  Type     Arcade',
      '  URL      https://fake.example.com',
      '  Secret   the worker secret; at most 100 characters',
      '  Timeout  30',
      '  Retry    0',
    ].join('\n'),
  );
});

test("prints an internal server as a YAML entry of the engine's file", () => {
  expect(load(textFor('internal'))).toEqual({
    tools: {
      directors: [
        {
          id: 'default',
          enabled: true,
          workers: [
            {
              id: 'fake',
              enabled: true,
              http: {
                uri: 'http://fake.fake.svc.cluster.local:8000',
                timeout: 30,
                retry: 0,
                secret: ['$', '{env:FAKE_SECRET}'].join(''),
              },
            },
          ],
        },
      ],
    },
  });
  expect(textFor('internal')).toContain('#   engine:\n#     ssrfAllowlist:');
});

test('the JSON has the dashboard fields of a public server only, and the entry of the file', () => {
  const { url } = serverWith('public');
  expect(JSON.parse(JSON.stringify(registrationJson(serverWith('public'))))).toMatchObject({
    dashboard: { id: 'fake', type: 'Arcade', url, timeout: 30, retry: 0 },
    file: { tools: { directors: [{ workers: [{ id: 'fake' }] }] } },
  });
  const internal = registrationJson(serverWith('internal'));
  expect(internal).not.toHaveProperty('dashboard');
  expect(internal.allowlist).toEqual(load(textFor('internal').split('#   ').slice(1).join('')));
});

test('says where to read a worker secret that is not sealed', () => {
  const place = 'mcp/fake/ARCADE_WORKER_SECRET of ClusterSecretStore "vault"';
  const server = serverWith('public', storePlatform(externalSecrets));
  expect(registrationText(server)).toContain(`  Secret   the worker secret, ${place}; at most 100 characters`);
  expect(registrationText(server)).toContain(`is read from the engine's environment, ${place}.`);
  expect(registrationJson(server)).toMatchObject({ secretFrom: place });
  expect(registrationText(serverWith('internal', storePlatform({ kind: 'existing' })))).toContain(
    "is read from the engine's environment, key ARCADE_WORKER_SECRET of the Secret fake-worker-secret in the namespace fake.",
  );
});
