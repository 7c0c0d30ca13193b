import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { root } from '../cli/root';
import { readCertificate } from '../gitops/seal/certificate';
import { seal } from '../gitops/seal/seal';
import { labelOf } from '../model/scope';
import { sealedPath, sealedText } from '../model/sealed';
import { contract } from '../worker/contract';
import { recordedServer } from './exchanges/recorded';
import { unconfirmedPlatform } from './fixtures';

/**
 * A copy of this repository in a temporary folder with the test platform and without a server: sources are copied,
 * dependencies are linked.
 * @returns its path
 */
export function emptyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'mcp-servers-'));
  for (const source of sources) cpSync(join(root, source), join(copy, source), { recursive: true });
  cpSync(join(root, 'testing/fixtures/platforms'), join(copy, 'platforms'), { recursive: true });
  mkdirSync(join(copy, 'servers'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** The same with one server, whose tools are the recorded ones. */
export function recordedRepository(): string {
  const copy = emptyRepository();
  cpSync(join(root, recordedServer), join(copy, 'servers', basename(recordedServer)), { recursive: true });
  return copy;
}

const sources = [
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'biome.json', '.gitignore', 'cdk8s.yaml', 'cdktf.json'],
  ...['cli', 'model', 'charts', 'dns', 'gitops', 'imports', 'bench/synth', 'worker', 'testing/fixtures'],
];

/** Adds a server as a person does: one folder with a declaration, and its secret sealed under the sample certificate. */
export function addServer(repository: string, name: string, declaration = declarationOf(name)): void {
  const destination = { scope: 'strict', namespace: name, name: `${name}-worker-secret` } as const;
  const { file } = unconfirmedPlatform.certificate;
  const certificate = readCertificate(readFileSync(join(repository, file), 'utf8'), file);
  const ciphertext = seal(Buffer.from(`secret of ${name}`), certificate, labelOf(destination));
  const value = { ...destination, ciphertext, certSha256: certificate.sha256, sealedOn: '2026-01-01' };
  const sealedFile = join(repository, sealedPath(name, unconfirmedPlatform));
  mkdirSync(dirname(sealedFile), { recursive: true });
  writeFileSync(join(repository, 'servers', name, 'server.ts'), declaration);
  writeFileSync(sealedFile, sealedText(new Map([[contract.env.secret, value]])));
}

/** Adds a tool to a server, and to one that has none yet what a declaration says of tools. @param source its file */
export function addTool(repository: string, server: string, name: string, source: string): void {
  const folder = join(repository, 'servers', server, 'tools');
  const isFirst = !existsSync(folder);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.ts`), source);
  if (isFirst) addServer(repository, server, declarationOf(server, "description: 'Adds.', version: '1.0.0',"));
}

/** The file of a tool that adds two numbers. */
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

/** The text of a server.ts whose image is built elsewhere. @param fields further fields, as TypeScript */
export function declarationOf(name: string, fields = ''): string {
  return `import { defineServer } from '#server';

export default defineServer({
  team: 'infra',
  image: '${unconfirmedPlatform.registry}/${name}:1.0.1',
  ${fields}
});
`;
}
