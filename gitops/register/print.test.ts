import { load } from 'js-yaml';
import { serverList } from '../../model/servers';
import { testPlatform as platform } from '../../testing/fixtures';
import { registrationText } from './print';

function textFor(exposure: 'public' | 'internal'): string {
  const entry = { team: 'infra', image: 'registry.example.com/fake:1.0.0', exposure };
  const [server] = serverList([{ name: 'fake', entry }], [platform]).servers;
  if (server === undefined) throw new Error('the fake server is not valid');
  return registrationText(server);
}

test('a public server is printed as the fields of the dashboard, its URL without /worker', () => {
  const [dashboard, file] = textFor('public').split('\n\nOr, where the engine finds a private address:\n\n');
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

test("an internal server is printed as the entry of the engine's file, which a YAML reader reads", () => {
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
