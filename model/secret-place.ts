import { contract } from '../worker/contract';
import type { Platform } from './platform';
import { secretNameOf } from './secret-name';
import { remoteRefsOf, type Stored } from './secret-store';

const { secret, previousSecret } = contract.env;

/** A server with what is needed to locate its secrets. */
export type Placed = Stored & { readonly namespace: string; readonly source: string };

/** The kind and name of a platform's store: `ClusterSecretStore "vault"`; undefined without a store. */
export function storeOf({ secrets }: Pick<Platform, 'secrets'>): string | undefined {
  return secrets.kind === 'external' ? `${secrets.store.kind} "${secrets.store.name}"` : undefined;
}

/**
 * Where the value of a secret can be read or changed, as part of a sentence. Undefined if it is sealed in this repository,
 * because a sealed value cannot be read.
 */
export function placeOf(server: Placed, key: string): string | undefined {
  const { platform, namespace, secrets } = server;
  if (platform.secrets.kind === 'sealed') return undefined;
  if (platform.secrets.kind === 'existing') {
    return `key ${key} of the Secret ${secretNameOf(server, new Map())} in the namespace ${namespace}`;
  }
  const { key: entry, property } = remoteRefsOf({ ...server, secrets: [...secrets, key] }).get(key) ?? { key };
  return `${property === undefined ? '' : `${property} in `}${entry} of ${storeOf(platform)}`;
}

/** The commands that roll out a value changed in a store or a Secret; nothing does so automatically. */
export function rolloutOf({ platform, namespace }: Pick<Placed, 'platform' | 'namespace'>): string {
  const restart = `kubectl -n ${namespace} rollout restart deployment`;
  if (platform.secrets.kind !== 'external') return restart;
  const now = `kubectl -n ${namespace} annotate externalsecret --all --overwrite force-sync=$(date +%s)`;
  return `${now}, and once npm run verify -- --kubectl finds it ready, ${restart}`;
}

/** Where the secrets of a platform come from and how pods get a new value, in one line; undefined if they are sealed. */
export function aboutSecrets(platform: Platform): string | undefined {
  const { secrets } = platform;
  const restart = 'pods use a new value after a restart: kubectl -n <server> rollout restart deployment';
  switch (secrets.kind) {
    case 'sealed':
      return undefined;
    case 'external':
      return `secrets of ${platform.name} are external: read from ${storeOf(platform)} every ${secrets.refresh}; ${restart}`;
    case 'existing':
      return `secrets of ${platform.name} are existing: the Secret ${secrets.name} is managed elsewhere; ${restart}`;
  }
}

/** The steps that start, finish or abandon the rotation of a worker secret that is not sealed, without an outage. */
export function rotationOf(server: Placed, part: 'rotate' | 'finish' | 'abandon'): string {
  const { platform, source, name } = server;
  const [current, previous] = [placeOf(server, secret), placeOf(server, previousSecret)];
  const flag = platform.secrets.kind === 'external' ? `rotating: true in ${source}` : undefined;
  const delivered = 'npm run synth, commit, deliver, and wait for new pods';
  const rollout = rolloutOf(server);
  const engine = `give the engine the new value, and check that npm run verify -- ${name} passes with it`;
  const end = flag === undefined ? `remove ${previous}; ${rollout}` : `remove ${flag}; ${delivered}`;
  switch (part) {
    case 'finish':
      return `once the engine has the new value and npm run verify has passed with it: ${end}`;
    case 'abandon':
      return `write the previous value to ${current} again; ${rollout}; give the engine the previous value if it has the new one; then ${end}`;
    case 'rotate':
      return flag === undefined
        ? `in one change: copy the value to ${previous}, and write a new one to ${current}; ${rollout}; ${engine}; then ${end}`
        : `in this order: copy the value of ${current} to ${previous}; write ${flag}; ${delivered}; write a new value to ${current}; ${rollout}; ${engine}; then ${end}`;
  }
}
