import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../cli/root';
import { readCertificate } from '../gitops/sealing/certificate';
import { seal } from '../gitops/sealing/seal';
import { platform } from '../servers/platform';
import { labelOf, sealedText } from '../servers/sealed';
import { contract } from '../worker/contract';

/**
 * A copy of this repository in a temporary folder, without its servers: sources are copied, dependencies are linked.
 * @returns its path
 */
export function emptyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'mcp-servers-'));
  const isCopied = (path: string) => path !== join(root, 'servers', 'arcade-eval-ref');
  for (const source of sources) cpSync(join(root, source), join(copy, source), { recursive: true, filter: isCopied });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

const sources = [
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'biome.json', '.gitignore', 'cdk8s.yaml', 'cdktf.json'],
  ...['cli', 'servers', 'charts', 'dns', 'gitops', 'imports', 'bench/synth', 'worker/contract.ts'],
];

/** Adds a server as a person does: one folder with a declaration, and its secret sealed under the sample certificate. */
export function addServer(repository: string, name: string, declaration = declarationOf(name)): void {
  const destination = { scope: 'strict', namespace: name, name: `${name}-worker-secret` } as const;
  const file = join(root, platform.certificate.file);
  const certificate = readCertificate(readFileSync(file, 'utf8'), file);
  const ciphertext = seal(Buffer.from(`secret of ${name}`), certificate, labelOf(destination));
  const value = { ...destination, ciphertext, certSha256: certificate.sha256, sealedOn: '2026-01-01' };
  mkdirSync(join(repository, 'servers', name));
  writeFileSync(join(repository, 'servers', name, 'server.ts'), declaration);
  writeFileSync(join(repository, 'servers', name, 'sealed.json'), sealedText(new Map([[contract.env.secret, value]])));
}

/** The text of a server.ts. @param fields further fields, as TypeScript */
export function declarationOf(name: string, fields = ''): string {
  return `import { defineServer } from '../spec';

export default defineServer({
  team: 'infra',
  image: '${platform.registry}/${name}:1.0.1',
  ${fields}
});
`;
}
