import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { identityOf } from '../../charts/render';
import { root } from '../../cli/root';
import { terraformFiles } from '../../dns/terraform';
import { recordedServer } from '../../testing/exchanges/recorded';
import { testPlatform, testServer, unconfirmedPlatform } from '../../testing/fixtures';
import { endingOf, run } from '../../testing/processes/program';
import { addServer, declarationOf, recordedRepository } from '../../testing/repository-copy';

/** Every runtime and exposure, beside a server with its own tools. */
const testServers = {
  'chart-internal': "exposure: 'internal', replicas: { min: 2, max: 4 }",
  'plain-public': "runtime: 'plain', replicas: 3, env: { ODD: 'yes', ODDER: '0o17', ODDEST: 'a: b # c' }",
  'plain-internal': "runtime: 'plain', exposure: 'internal', replicas: { min: 2, max: 4 }, probes: 'tcp'",
};

const repository = recordedRepository();
const flux = join(repository, 'dist', unconfirmedPlatform.gitops.repository);
const workspace = join(repository, 'dist', unconfirmedPlatform.dns.repository, unconfirmedPlatform.dns.workspace);

beforeAll(async () => {
  const recorded = readFileSync(join(root, recordedServer, 'server.ts'), 'utf8');
  addServer(repository, basename(recordedServer), recorded);
  for (const [name, fields] of Object.entries(testServers)) addServer(repository, name, declarationOf(name, fields));
  await inRepository(process.execPath, 'cli/run.mjs', 'gitops/synth/synth.command.ts');
});

function inRepository(program: string, ...args: readonly string[]): Promise<string> {
  return run(program, args, { cwd: repository });
}

test('kubectl kustomize reads every file under the Flux root, and every value as it was meant', async () => {
  const resources = filesIn(flux);
  writeFileSync(join(flux, 'kustomization.yaml'), JSON.stringify({ resources }));
  const read = objectsIn(await inRepository('kubectl', 'kustomize', flux));
  rmSync(join(flux, 'kustomization.yaml'));
  expect(read.size).toBeGreaterThan(3 * Object.keys(testServers).length);
  expect(read).toEqual(ours());
});

test('terraform validate misses nothing in the fragments but the provider', async () => {
  const rootModule = join(repository, 'root-module');
  cpSync(workspace, rootModule, { recursive: true });
  const local = unconfirmedPlatform.dns.zoneId.replace(/^local\./, '');
  writeFileSync(join(rootModule, 'main.tf'), `locals {\n  ${local} = "0123456789abcdef"\n}\n`);
  const { stdout } = await endingOf('terraform', ['validate', '-json'], { cwd: rootModule });
  const summaries: string[] = JSON.parse(stdout).diagnostics.map(({ summary }: { summary: string }) => summary);
  expect(readdirSync(workspace).length).toBeGreaterThan(1);
  expect(summaries.filter((summary) => summary !== 'Missing required provider')).toEqual([]);
});

test('terraform takes over the records that are there, and makes and destroys none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'terraform-'));
  const terraform = (...args: string[]) =>
    endingOf('terraform', [...args, '-input=false', '-no-color'], { cwd: folder });
  const write = (resources: string) =>
    writeFileSync(join(folder, 'main.tf'), `locals {\n  zone_id = "${'0'.repeat(32)}"\n}\n${resources}`);
  const old = 'resource "terraform_data" "old" {\n  input = "old"\n}\n';
  write(`${old}resource "terraform_data" "all" {\n  for_each = toset(["second.example.com"])\n}\n`);
  await terraform('init');
  await terraform('apply', '-auto-approve');

  const records = {
    first: { movedFrom: 'cloudflare_dns_record.old' },
    second: { movedFrom: 'cloudflare_dns_record.all["second.example.com"]' },
    third: { id: 'a1'.repeat(16) },
  };
  const servers = Object.entries(records).map(([name, record]) => testServer({ record }, name));
  for (const { name, text } of terraformFiles(servers, testPlatform))
    writeFileSync(join(folder, name), withoutProvider(text));
  write('');
  const { stdout } = await terraform('plan');
  expect(stdout).toContain('Plan: 1 to import, 0 to add, 3 to change, 0 to destroy.');
  expect(stdout).toContain('(moved from terraform_data.old)');
  expect(stdout).toContain(`imported from "${'0'.repeat(32)}/${'a1'.repeat(16)}"`);
  // What a delivery refuses as DNS-DUPLICATE.
  write(old);
  expect((await terraform('plan')).stderr).toContain('Moved object still exists');
});

test('cdk8s synth renders the same objects', async () => {
  const cdk8s = join(root, 'node_modules/cdk8s-cli/bin/cdk8s');
  await inRepository(process.execPath, cdk8s, 'synth', '--no-check-upgrade');
  const folder = join(repository, 'build/cdk8s');
  expect(objectsIn(textOf(folder))).toEqual(ours());
});

test("cdktf's app command renders the same records", async () => {
  const { app, output } = JSON.parse(readFileSync(join(repository, 'cdktf.json'), 'utf8'));
  const [program = '', ...args]: string[] = app.split(' ');
  await run(program, args, { cwd: repository, env: { ...process.env, CDKTF_OUTDIR: output } });
  const stack = join(repository, output, 'stacks', unconfirmedPlatform.dns.workspace, 'cdk.tf.json');
  const theirs = recordsIn(readFileSync(stack, 'utf8'));
  const rendered = filesIn(workspace).flatMap((file) => recordsIn(readFileSync(join(workspace, file), 'utf8')));
  expect(theirs.length).toBeGreaterThan(1);
  expect([...theirs].sort()).toEqual([...rendered].sort());
});

test('npm run import gives the committed classes and schemas', async () => {
  const contents = () => filesIn(join(repository, 'imports')).map((file) => [file, read(file)]);
  const read = (file: string) => readFileSync(join(repository, 'imports', file), 'utf8');
  const committed = contents();
  await inRepository(process.execPath, 'cli/run.mjs', 'charts/import.command.ts');
  expect(committed.length).toBeGreaterThan(1);
  expect(contents()).toEqual(committed);
});

function ours() {
  return objectsIn(textOf(flux));
}

/** As Flux reads: cdk8s' own writing leaves "0o17" bare, which a reader of YAML 1.2 takes for 15 (2.70). */
function objectsIn(text: string): ReadonlyMap<string, unknown> {
  const objects = parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS());
  return new Map(objects.map((object) => [identityOf(object), object]));
}

function textOf(folder: string): string {
  return filesIn(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n---\n');
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.\w+$/.test(file))
    .sort();
}

/** Each with its label; what cdktf says of itself has the key "//". */
function recordsIn(text: string): readonly string[] {
  const { resource } = JSON.parse(text);
  return Object.entries<object>(resource.cloudflare_dns_record).map(([label, record]) => {
    const members = Object.entries(record).filter(([key]) => key !== '//');
    return JSON.stringify([label, Object.fromEntries(members.sort())]);
  });
}

/** The records as a resource that Terraform has by itself: what it does with their blocks is one for all types. */
function withoutProvider(text: string): string {
  const { resource, ...rest } = JSON.parse(text.replaceAll('cloudflare_dns_record', 'terraform_data'));
  const records = Object.entries(resource.terraform_data).map(([label, input]) => [label, { input }]);
  return JSON.stringify({ ...rest, resource: { terraform_data: Object.fromEntries(records) } });
}
