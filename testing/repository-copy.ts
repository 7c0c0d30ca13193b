import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { root } from '../cli/root';
import { readCertificate } from '../gitops/seal/certificate';
import { seal } from '../gitops/seal/seal';
import keys from '../gitops/seal/vectors/keys.throwaway.json';
import { defaultScope, labelOf } from '../model/scope';
import { sealedPath, sealedText } from '../model/sealed';
import { contract } from '../worker/contract';
import { recordedServer } from './exchanges/recorded';
import { unconfirmedPlatform } from './fixtures';

/**
 * Copies this repository to a temporary folder, with the test platform and no servers. Sources are copied, dependencies are
 * linked.
 * @returns the path of the copy
 */
export function emptyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'mcp-servers-'));
  for (const source of sources) cpSync(join(root, source), join(copy, source), { recursive: true });
  cpSync(join(root, 'testing/fixtures/platforms'), join(copy, 'platforms'), { recursive: true });
  mkdirSync(join(copy, 'servers'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** The same with one server that has the recorded tools. */
export function recordedRepository(): string {
  const copy = emptyRepository();
  cpSync(join(root, recordedServer), join(copy, 'servers', basename(recordedServer)), { recursive: true });
  return copy;
}

const sources = [
  ...[
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'biome.json',
    '.gitignore',
    '.gitattributes',
    'cdk8s.yaml',
    'cdktf.json',
  ],
  ...['docs/problems.md', 'docs/variables.md'],
  ...['cli', 'model', 'charts', 'dns', 'gitops', 'imports', 'bench/synth', 'worker', 'testing/fixtures'],
];

/**
 * A copy of this repository as it stands, without its history: the files that git tracks or would. Dependencies are linked.
 * @returns its path
 */
export function workingCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'copy-'));
  const args = ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = spawnSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  for (const file of stdout.split('\0'))
    if (file !== '' && existsSync(join(root, file))) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/**
 * Adds a platform in the same target repositories as the test platform, with its own folders, zone and registry, and a
 * certificate of the vectors, whose private key is known.
 */
export function addPlatform(repository: string, name: string, id: 'current' | 'other-cluster' = 'current'): void {
  const [certificate] = keys.keys.filter((key) => key.id === id);
  const file = `platforms/certificates/${name}.pem`;
  const text = readFileSync(join(repository, unconfirmedPlatform.source), 'utf8')
    .replaceAll('example.com', `${name}.example.com`)
    .replace("appsPath: '", `appsPath: '${name}/`)
    .replace(/(workspace: '(confirm-)?)/, `$1${name}-`)
    .replace(unconfirmedPlatform.certificate.file, file)
    .replace(/sha256: '.*'/, `sha256: '${certificate?.certSha256Hex}'`)
    .replace('isSample: true', 'isSample: false');
  writeFileSync(join(repository, file), certificate?.certPem ?? '');
  writeFileSync(join(repository, `platforms/${name}.ts`), text);
}

/** Replaces the certificate of a platform with another source of secrets. @param secrets the field's value as TypeScript */
export function keepSecretsElsewhere(repository: string, platform: string, secrets: string): void {
  const file = join(repository, `platforms/${platform}.ts`);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/\n {2}certificate: \{[^}]*\},/, `\n  secrets: ${secrets},`));
}

/**
 * Adds a server as a person would: a folder with a declaration, and a secret sealed for each platform.
 * @param platforms the names of the platforms. @default - only the test platform, which has the sample certificate
 */
export function addServer(
  repository: string,
  name: string,
  declaration = declarationOf(name),
  platforms: readonly string[] = [unconfirmedPlatform.name],
): void {
  mkdirSync(join(repository, 'servers', name, 'sealed'), { recursive: true });
  writeFileSync(join(repository, 'servers', name, 'server.ts'), declaration);
  for (const platform of platforms) sealFor(repository, name, platform);
}

function sealFor(repository: string, name: string, platform: string): void {
  const destination = { scope: defaultScope, namespace: name };
  const isTest = platform === unconfirmedPlatform.name;
  const file = isTest ? unconfirmedPlatform.certificate.file : `platforms/certificates/${platform}.pem`;
  const certificate = readCertificate(readFileSync(join(repository, file), 'utf8'), file);
  const ciphertext = seal(Buffer.from(`secret of ${name}`), certificate, labelOf(destination));
  const value = { ...destination, ciphertext, certSha256: certificate.sha256, sealedOn: '2026-01-01' };
  writeFileSync(
    join(repository, sealedPath(name, { name: platform })),
    sealedText(new Map([[contract.env.secret, value]])),
  );
}

/**
 * Adds a tool to a server. With the first tool, also writes the declaration with `description` and `version`.
 * @param source the text of the tool's file
 * @param platforms see `addServer`
 */
export function addTool(
  repository: string,
  server: string,
  name: string,
  source: string,
  platforms?: readonly string[],
): void {
  const folder = join(repository, 'servers', server, 'tools');
  const isFirst = !existsSync(folder);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.ts`), source);
  const declaration = declarationOf(server, "description: 'Adds.', version: '1.0.0',", '1.0.1');
  if (isFirst) addServer(repository, server, declaration, platforms);
}

/** The source of a tool that adds two numbers. */
export const addition = `import { defineTool, z } from '#tool';

export default defineTool({
  description: 'Add two numbers.',
  input: z.strictObject({ a: z.number().describe('The first.'), b: z.number().describe('The second.') }),
  output: z.number(),
  behavior: { readOnly: true },
  examples: [{ input: { a: 1, b: 2 }, output: 3 }],
  run: ({ a, b }) => a + b,
});
`;

/**
 * The text of a server.ts.
 * @param fields additional fields as TypeScript
 * @param image @default - an image that is built elsewhere
 */
export function declarationOf(
  name: string,
  fields = '',
  image = `${unconfirmedPlatform.registry}/${name}:1.0.1`,
): string {
  return `import { defineServer } from '#server';

export default defineServer({
  team: 'infra',
  image: '${image}',
  ${fields}
});
`;
}
