import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateAuthority } from '../../testing/authority';
import { type Setting, users } from './parts';
import { objectsOf } from './programs';

/** Writes the keys, the tokens, a kubeconfig for each user, and kwok's stages into the cluster's folder. */
export function writeCredentials({ folder, ports, programs }: Setting): void {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
  const authority = privateAuthority();
  const { cert, key } = authority.issue({ names: ['127.0.0.1'] });
  write('ca.crt', authority.pem);
  write('tls.crt', cert);
  write('tls.key', key);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  write('service-accounts.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const tokens = Object.entries(users).map(([file, { name, groups }]) => {
    const token = randomBytes(24).toString('hex');
    write(`${file}.kubeconfig`, kubeconfig(`https://127.0.0.1:${ports.apiServer}`, authority.pem, token));
    return { file, token, line: [token, name, file, ...(groups.length > 0 ? [`"${groups.join()}"`] : [])].join() };
  });
  write('tokens.csv', tokens.map(({ line }) => `${line}\n`).join(''));
  mkdirSync(join(folder, 'service-account'));
  write('service-account/token', tokens.find(({ file }) => file === 'sealed-secrets')?.token ?? '');
  write('service-account/ca.crt', authority.pem);
  write('service-account/namespace', 'kube-system');
  for (const name of ['artifacts', 'tuf']) mkdirSync(join(folder, name));
  const stages = objectsOf(programs.kwok).map((file) => readFileSync(file, 'utf8'));
  write('stages.yaml', stages.join('\n---\n'));
}

/** As JSON, which is YAML. */
function kubeconfig(server: string, authority: string, token: string): string {
  const name = 'mcp-servers-interop';
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
