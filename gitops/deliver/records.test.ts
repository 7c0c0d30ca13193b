import { testPlatform as platform } from '../../testing/fixtures';
import { emptyFolder, repository } from '../../testing/temp-repository';
import { recordProblems } from './records';
import { planTarget } from './target';
import { terraformBlocks } from './terraform-blocks';

const path = 'dns/weather.tf.json';
const fields = {
  zone_id: `\${local.zone_id}`,
  name: 'weather.example.com',
  type: 'CNAME',
  content: 'ingress.example.com',
};
const text = JSON.stringify({ resource: { cloudflare_dns_record: { weather: fields } } });

/** What a workspace with this file has against ours. */
function told(theirs: string, file = 'main.tf') {
  const { root } = repository({
    [`dns/${file}`]: theirs,
    'dns/other/main.tf': record('cloudflare_dns_record', 'weather'),
  });
  return recordProblems(root, 'dns', [{ path, text }], (other) => other === path);
}

const record = (type: string, label: string, changes: Readonly<Record<string, string>> = {}) => {
  const lines = { zone_id: 'local.zone_id', name: '"weather.example.com"', type: '"CNAME"', ttl: '1', ...changes };
  return `resource "${type}" "${label}" {\n${Object.entries(lines)
    .map(([key, value]) => `  ${key} = ${value}\n`)
    .join('')}}\n`;
};

test.each([
  ['in HCL', record('cloudflare_dns_record', 'weather'), 'main.tf'],
  ['in JSON', text, 'records.tf.json'],
  ['whatever it is called', record('cloudflare_dns_record', 'weather', { name: '"a.example.com"' }), 'main.tf'],
  ['without quotes', 'resource cloudflare_dns_record weather { }\n', 'main.tf'],
])('an address that is in another file of the workspace, %s, is told with both files', (_what, theirs, file) => {
  expect(told(theirs, file)).toEqual([
    expect.objectContaining({
      code: 'DNS-DUPLICATE',
      level: 'error',
      message: `Terraform would refuse the whole workspace: cloudflare_dns_record.weather is in dns/${file} and in ${path}`,
    }),
  ]);
});

test.each([
  ['under another label', record('cloudflare_dns_record', 'old'), /moved \{\n {2}from = cloudflare_dns_record\.old\n/],
  ['relative to the same zone', record('cloudflare_dns_record', 'old', { name: '"weather"' }), /moved \{/],
  [
    'of the provider before',
    record('cloudflare_record', 'weather'),
    /removed \{[\s\S]*import \{\n {2}to = cloudflare_dns/,
  ],
  ['as an address', record('cloudflare_dns_record', 'old', { type: '"A"' }), /moved \{/],
])('a name that is there %s is told with the block that keeps the record', (_what, theirs, fix) => {
  expect(told(theirs)).toEqual([
    expect.objectContaining({ code: 'DNS-DUPLICATE', file: 'dns/main.tf', fix: expect.stringMatching(fix) }),
  ]);
});

test.each([
  [
    'in a comment',
    `/* ${record('cloudflare_dns_record', 'weather')} */\n# resource "cloudflare_dns_record" "weather" {}\n`,
    'main.tf',
  ],
  ['in a text', `locals {\n  a = <<-EOT\n    ${record('cloudflare_dns_record', 'weather')}\n  EOT\n}\n`, 'main.tf'],
  ['in an override', record('cloudflare_dns_record', 'weather'), 'zone_override.tf'],
  ['of another type', record('cloudflare_dns_record', 'text', { type: '"TXT"' }), 'main.tf'],
  ['in another zone', record('cloudflare_dns_record', 'old', { name: '"weather"', zone_id: 'local.other' }), 'main.tf'],
  ['that is computed', record('cloudflare_dns_record', 'old', { name: 'each.value' }), 'main.tf'],
  ['in a file that nobody can read', '{', 'broken.tf.json'],
])('a record %s is no clash', (_what, theirs, file) => {
  expect(told(theirs, file)).toEqual([]);
});

test('blocks are read over templates, nested blocks and comments', () => {
  const blocks = terraformBlocks(
    [
      'provider "cloudflare" {',
      '  alias = "two" // of "two"',
      '}',
      'data "cloudflare_zone" "zone" {',
      `  filter = { name = "\${join(".", ["a", "{b}"])}" }`,
      '  dynamic "x" { content { name = "inner" } }',
      '  name   = "a\\"}b"',
      '}',
    ].join('\r\n'),
    'main.tf',
  );
  expect(blocks.map(({ kind, labels }) => [kind, ...labels].join(' '))).toEqual([
    'provider cloudflare',
    'data cloudflare_zone zone',
  ]);
  expect(blocks.map(({ attributes }) => attributes.get('alias') ?? attributes.get('name'))).toEqual(['two', 'a\\"}b']);
});

test('a delivery to the workspace is stopped by it', () => {
  const { repository: name, workspace: base } = platform.dns;
  const checkout = repository({ [`${base}/main.tf`]: record('cloudflare_dns_record', 'weather') }, emptyFolder(name));
  const files = [{ path: `${name}/${base}/weather.tf.json`, text, server: 'weather', objects: [] }];
  const options = {
    root: emptyFolder('own'),
    discard: new Set<string>(),
    originOf: () => 'rendered' as const,
    platform,
  };
  const { problems } = planTarget(
    { option: '--dns-to', repository: name, base, folder: checkout.root },
    files,
    options,
  );
  expect(problems.map(({ code, level }) => `${level} ${code}`)).toEqual(['error DNS-DUPLICATE']);
});
