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

/** The conflicts of our record with a workspace that has this file. */
function clashes(theirs: string, file = 'main.tf') {
  return clashesOf(text, theirs, false, file);
}

function clashesOf(ours: string, theirs: string, exists = false, file = 'main.tf') {
  const { root } = repository({
    [`dns/${file}`]: theirs,
    'dns/other/main.tf': record('cloudflare_dns_record', 'weather'),
  });
  return recordProblems(root, 'dns', [{ path, text: ours, exists }], (other) => other === path);
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
  ['with another name', record('cloudflare_dns_record', 'weather', { name: '"a.example.com"' }), 'main.tf'],
  ['without quotes', 'resource cloudflare_dns_record weather { }\n', 'main.tf'],
])('rejects an address that another file of the workspace defines %s', (_what, theirs, file) => {
  expect(clashes(theirs, file)).toEqual([
    expect.objectContaining({
      code: 'DNS-DUPLICATE',
      level: 'error',
      message: `Terraform would reject the whole workspace: cloudflare_dns_record.weather is in both dns/${file} and ${path}`,
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
    'of provider 4',
    record('cloudflare_record', 'weather'),
    /'cloudflare_record'.*movedFrom: 'cloudflare_record\.weather'/,
  ],
  ['as an A record', record('cloudflare_dns_record', 'old', { type: '"A"' }), /movedFrom/],
])('rejects a name that exists %s, and suggests how to keep the record', (_what, theirs, fix) => {
  expect(clashes(theirs)).toEqual([
    expect.objectContaining({ code: 'DNS-DUPLICATE', file: 'dns/main.tf', fix: expect.stringMatching(fix) }),
  ]);
});

test.each([
  [
    'in a comment',
    `/* ${record('cloudflare_dns_record', 'weather')} */\n# resource "cloudflare_dns_record" "weather" {}\n`,
    'main.tf',
  ],
  ['in a heredoc', `locals {\n  a = <<-EOT\n    ${record('cloudflare_dns_record', 'weather')}\n  EOT\n}\n`, 'main.tf'],
  ['in an override file', record('cloudflare_dns_record', 'weather'), 'zone_override.tf'],
  ['of another type', record('cloudflare_dns_record', 'text', { type: '"TXT"' }), 'main.tf'],
  ['in another zone', record('cloudflare_dns_record', 'old', { name: '"weather"', zone_id: 'local.other' }), 'main.tf'],
  ['in a file that does not parse', '{', 'broken.tf.json'],
])('accepts a record %s', (_what, theirs, file) => {
  expect(clashes(theirs, file)).toEqual([]);
});

const movedFrom = (from: string) =>
  JSON.stringify({ moved: [{ from, to: 'cloudflare_dns_record.weather' }], ...JSON.parse(text) });

test('a platform with provider 4 does not take over a record of provider 5', () => {
  const older = text.replace('cloudflare_dns_record', 'cloudflare_record');
  expect(clashesOf(older, record('cloudflare_dns_record', 'old'))).toMatchObject([
    { fix: expect.stringContaining("'cloudflare_dns_record'") },
  ]);
});

test('rejects taking over a record whose old block still exists', () => {
  const taking = movedFrom('cloudflare_dns_record.old');
  expect(clashesOf(taking, '')).toEqual([]);
  expect(clashesOf(taking, record('cloudflare_dns_record', 'old'))).toMatchObject([
    {
      level: 'error',
      message: `Terraform would reject the whole workspace: ${path} moves cloudflare_dns_record.old to cloudflare_dns_record.weather, but cloudflare_dns_record.old is still in dns/main.tf`,
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
])('rejects a second %s block for one record', (kind, theirs, path) => {
  const block =
    kind === 'moved'
      ? { from: 'cloudflare_dns_record.all["a.b"]', to: 'cloudflare_dns_record.weather' }
      : { to: 'cloudflare_dns_record.weather', id: 'a/b' };
  expect(clashesOf(JSON.stringify({ [kind]: [block], ...JSON.parse(text) }), theirs)).toMatchObject([
    { code: 'DNS-DUPLICATE', level: 'error', path },
  ]);
});

test('only warns about an existing duplicate in the workspace', () => {
  const twice = record('cloudflare_dns_record', 'a', { name: '"a.example.com"' });
  expect(clashes(twice + twice)).toMatchObject([
    {
      level: 'warning',
      message: expect.stringMatching(/already rejects .*: cloudflare_dns_record\.a is twice in dns\/main\.tf$/),
    },
  ]);
});

test.each([
  ['for_each', record('cloudflare_dns_record', 'all', { for_each: 'local.names', name: 'each.value' })],
  ['a computed name', record('cloudflare_dns_record', 'all', { name: 'local.name' })],
  ['a module', 'module "names" {\n  source = "./names"\n}\n'],
])('warns about records from %s only for a new record', (_what, theirs) => {
  expect(clashes(theirs)).toMatchObject([
    {
      code: 'DNS-DUPLICATE',
      level: 'warning',
      message: expect.stringMatching(/^Only Terraform can tell whether "weather/),
    },
  ]);
  expect(clashesOf(text, theirs, true)).toEqual([]);
});

test('parses blocks with templates, nested blocks and comments', () => {
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

test('parses an unterminated string in linear time, and treats escapes as literals', () => {
  const [template, literal] = ['{a}', `$\{b}`].map((text) => `$${text}`);
  const name = `${literal}\${c("d")}`;
  const open = `x = "${template?.repeat(60)}${literal?.repeat(60)}`;
  const [block] = terraformBlocks(`resource "a" "b" {\n name = "${name}"\n}\n${open}`, 'a.tf');
  expect(block?.attributes).toEqual(new Map([['name', name]]));
});

test('blocks a delivery to the workspace', () => {
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
