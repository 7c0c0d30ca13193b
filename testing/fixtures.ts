import { joinEnvelope } from '../servers/envelope';
import { type Platform, platform } from '../servers/platform';
import type { Ciphertext, Sealed, SealedValue } from '../servers/sealed';
import { type Server, type ServerEntry, serverFrom } from '../servers/spec';

/** A platform whose facts are all confirmed, so that tests do not change when the real one does. */
export const madeUpPlatform: Platform = {
  ...platform,
  chart: {
    name: 'st-app',
    version: '2.0.72',
    source: { kind: 'HelmRepository', name: 'charts', namespace: 'flux-system' },
  },
  dns: { ...platform.dns, zone: 'example.com', workspace: 'dns/example', zoneId: 'local.zone_id' },
  ingress: { className: 'nginx', target: 'ingress.example.com', namespace: 'ingress-nginx' },
};

/**
 * A server that nobody runs.
 * @throws Error when the fields do not make a server
 */
export function madeUp(fields: Partial<ServerEntry> = {}, name = 'made-up'): Server {
  const entry = { team: 'infra', image: 'registry.example.com/made-up:1.2.3', ...fields };
  const server = serverFrom(name, entry, madeUpPlatform);
  if ('name' in server) return server;
  throw new Error(server.map(({ message }) => message).join('\n'));
}

/** Sealed values of the right form for a server, one for each of its secrets; nobody can open them. */
export function madeUpSealed({ secrets, namespace, secretName }: Server, fields: Partial<SealedValue> = {}): Sealed {
  // Made by joinEnvelope, so it has the form of ciphertext, which is all that rendering asks for.
  const ciphertext = joinEnvelope({ wrappedKey: Buffer.alloc(256, 1), aesPart: Buffer.alloc(20, 2) }) as Ciphertext;
  const value = {
    ciphertext,
    scope: 'strict',
    namespace,
    name: secretName,
    certSha256: '0'.repeat(64),
    sealedOn: '2026-01-01',
  } as const;
  return new Map(secrets.map((key) => [key, { ...value, ...fields }]));
}
