import { platformWith, testPlatform, testServer, testWays } from '../testing/fixtures';
import { terraformFiles } from './terraform';

const server = testServer({}, 'made-up');

test('a public server gets a fragment that joins the workspace', () => {
  expect(terraformFiles([server], testPlatform).map(({ name, text }) => `${name}\n${text}`)).toMatchSnapshot();
});

test('the record points to the way that is active, whichever others lead in', () => {
  const { ingress, gateway } = testWays;
  const contentWith = (ways: Parameters<typeof platformWith>[0]) => {
    const platform = platformWith(ways);
    const [file] = terraformFiles([testServer({}, 'made-up', platform)], platform);
    return /"content": "(.*)"/.exec(file?.text ?? '')?.[1];
  };
  expect(contentWith({ ingress, gateway, active: 'ingress' })).toBe(ingress.address);
  expect(contentWith({ ingress, gateway, active: 'gateway' })).toBe(gateway.address);
  expect(contentWith({ gateway })).toBe(gateway.address);
});

test('an internal server gets no name outside', () => {
  expect(terraformFiles([testServer({ exposure: 'internal' })], testPlatform)).toEqual([]);
});

test.each([
  ['cloudflare_dns_record', '~> 5.20', { filter: { name: 'example.com' } }],
  ['cloudflare_record', '~> 4.52', { name: 'example.com' }],
] as const)('a stand-alone workspace of %s states provider, backend and zone, once', (resourceType, version, zone) => {
  const standAlone = { backend: { type: 'azurerm', settings: { key: 'mcp.tfstate' } } };
  const dns = { ...testPlatform.dns, resourceType, standAlone, zoneId: 'data.cloudflare_zone.zone.zone_id' };
  const files = terraformFiles([server, testServer({}, 'other')], { ...testPlatform, dns });
  expect(files.map(({ name }) => name)).toEqual(['made-up.tf.json', 'other.tf.json', 'main.tf.json']);
  const [fragment, , workspace] = files.map(({ text }): unknown => JSON.parse(text));
  expect(Object.keys(fragment ?? {})).toEqual(['//', 'resource']);
  expect(fragment).toMatchObject({ resource: { [resourceType]: { made_up: { name: 'made-up.example.com' } } } });
  expect(workspace).toMatchObject({
    terraform: { backend: { azurerm: { key: 'mcp.tfstate' } }, required_providers: { cloudflare: { version } } },
    provider: { cloudflare: [{}] },
    data: { cloudflare_zone: { zone } },
  });
});

test('nothing in a file names the version of the library that made it, or a credential', () => {
  const [file] = terraformFiles([server], testPlatform);
  expect(file?.text).not.toMatch(/cdktf|version|token|metadata/i);
});
