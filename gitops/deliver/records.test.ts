import { testPlatform as platform } from '../../testing/fixtures';
import { emptyFolder, repository } from '../../testing/temp-repository';
import { recordProblems } from './records';
import { planTarget } from './target';
import { terraformBlocks } from './terraform-blocks';

const path = 'dns/weather.tf.json';
const fields = {
  '//': 'weather',
  zone_id: `\${local.zone_id}`,
  name: 'weather.example.com',
  type: 'CNAME',
  content: 'ingress.example.com',
};
const text = JSON.stringify({ resource: { cloudflare_dns_record: { weather: fields } } });

/** What a workspace with this file has against ours. */
function told(theirs: string, file = 'main.tf') {
  return toldOf(text, theirs, false, file);
}

function toldOf(ours: string, theirs: string, isThere = false, file = 'main.tf') {
  const { root } = repository({
    [`dns/${file}`]: theirs,
    'dns/other/main.tf': record('cloudflare_dns_record', 'weather'),
  });
  return recordProblems(root, 'dns', [{ path, text: ours, isThere }], (other) => other === path);
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
  [
    'under another label',
    record('cloudflare_dns_record', 'old'),
    /record: \{ movedFrom: 'cloudflare_dns_record\.old' \} in servers\/weather\/server\.ts/,
  ],
  ['relative to the same zone', record('cloudflare_dns_record', 'old', { name: '"weather"' }), /movedFrom/],
  [
    'of the provider before',
    record('cloudflare_record', 'weather'),
    /'cloudflare_record'.*movedFrom: 'cloudflare_record\.weather'/,
  ],
  ['as an address', record('cloudflare_dns_record', 'old', { type: '"A"' }), /movedFrom/],
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
  ['in a file that nobody can read', '{', 'broken.tf.json'],
])('a record %s is no clash', (_what, theirs, file) => {
  expect(told(theirs, file)).toEqual([]);
});

const movedFrom = (from: string) =>
  JSON.stringify({ moved: [{ from, to: 'cloudflare_dns_record.weather' }], ...JSON.parse(text) });

test('a record of provider 5 is not taken over by a platform that says 4', () => {
  const older = text.replace('cloudflare_dns_record', 'cloudflare_record');
  expect(toldOf(older, record('cloudflare_dns_record', 'old'))).toMatchObject([
    { fix: expect.stringContaining("'cloudflare_dns_record'") },
  ]);
});

test('a record that is taken over has left its old place, or that is told alone', () => {
  const taking = movedFrom('cloudflare_dns_record.old');
  expect(toldOf(taking, '')).toEqual([]);
  expect(toldOf(taking, record('cloudflare_dns_record', 'old'))).toMatchObject([
    {
      level: 'error',
      message: `Terraform would refuse the whole workspace: cloudflare_dns_record.old is still in dns/main.tf, and ${path} says that it has become cloudflare_dns_record.weather`,
    },
  ]);
});

test.each([
  [
    'moved',
    'moved {\n  from = cloudflare_dns_record.all["a.b"]\n  to = cloudflare_dns_record.b\n}\n',
    'moved from cloudflare_dns_record.all["a.b"]',
  ],
  [
    'import',
    'import {\n  to = cloudflare_dns_record.weather\n  id = "a/b"\n}\n',
    'import to cloudflare_dns_record.weather',
  ],
])('a second %s block of one record is refused', (kind, theirs, path) => {
  const block =
    kind === 'moved'
      ? { from: 'cloudflare_dns_record.all["a.b"]', to: 'cloudflare_dns_record.weather' }
      : { to: 'cloudflare_dns_record.weather', id: 'a/b' };
  expect(toldOf(JSON.stringify({ [kind]: [block], ...JSON.parse(text) }), theirs)).toMatchObject([
    { code: 'DNS-DUPLICATE', level: 'error', path },
  ]);
});

test('a workspace that Terraform refuses without us is told, and stops nothing here', () => {
  const twice = record('cloudflare_dns_record', 'a', { name: '"a.example.com"' });
  expect(told(twice + twice)).toMatchObject([
    {
      level: 'warning',
      message: expect.stringMatching(/as it is: cloudflare_dns_record\.a is twice in dns\/main\.tf$/),
    },
  ]);
});

test.each([
  ['for_each', record('cloudflare_dns_record', 'all', { for_each: 'local.names', name: 'each.value' })],
  ['a computed name', record('cloudflare_dns_record', 'all', { name: 'local.name' })],
  ['a module', 'module "names" {\n  source = "./names"\n}\n'],
])('what is made of %s is not seen, and that is said of a new record alone', (_what, theirs) => {
  expect(told(theirs)).toMatchObject([
    {
      code: 'DNS-DUPLICATE',
      level: 'warning',
      message: expect.stringMatching(/^Only Terraform can tell whether "weather/),
    },
  ]);
  expect(toldOf(text, theirs, true)).toEqual([]);
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

test('a text without an end takes no longer than one that has it, and escapes are none of its templates', () => {
  const [template, literal] = ['{a}', `$\{b}`].map((text) => `$${text}`);
  const name = `${literal}\${c("d")}`;
  const open = `x = "${template?.repeat(60)}${literal?.repeat(60)}`;
  const [block] = terraformBlocks(`resource "a" "b" {\n name = "${name}"\n}\n${open}`, 'a.tf');
  expect(block?.attributes).toEqual(new Map([['name', name]]));
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
