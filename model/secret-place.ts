import { contract } from '../worker/contract';
import type { Platform } from './platform';
import { secretNameOf } from './secret-name';
import { remoteRefsOf, type Stored } from './secret-store';

const { secret, previousSecret } = contract.env;

/** A server whose secrets lie somewhere. */
export type Placed = Stored & { readonly namespace: string; readonly source: string };

/** A store, as it is called in the cluster: `ClusterSecretStore "vault"`; undefined where there is none. */
export function storeOf({ secrets }: Pick<Platform, 'secrets'>): string | undefined {
  return secrets.kind === 'external' ? `${secrets.store.kind} "${secrets.store.name}"` : undefined;
}

/**
 * Where the value of a secret lies, for somebody who may read or write it there: the middle of a sentence. Undefined where it
 * is sealed in this repository, which shows it to nobody.
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

/** What makes pods run on a value that has changed where it lies; nothing does it by itself. */
export function rolloutOf({ platform, namespace }: Pick<Placed, 'platform' | 'namespace'>): string {
  const restart = `kubectl -n ${namespace} rollout restart deployment`;
  if (platform.secrets.kind !== 'external') return restart;
  const now = `kubectl -n ${namespace} annotate externalsecret --all --overwrite force-sync=$(date +%s)`;
  return `${now}, and once npm run verify -- --kubectl finds it ready, ${restart}`;
}

/** Where the secrets of a platform come from and what that means for pods, in one line; undefined where they are sealed. */
export function aboutSecrets(platform: Platform): string | undefined {
  const { secrets } = platform;
  const restart = 'pods run on another value once they are restarted: kubectl -n <server> rollout restart deployment';
  switch (secrets.kind) {
    case 'sealed':
      return undefined;
    case 'external':
      return `secrets of ${platform.name} are external: read from ${storeOf(platform)} every ${secrets.refresh}; ${restart}`;
    case 'existing':
      return `secrets of ${platform.name} are existing: somebody else writes the Secret ${secrets.name}; ${restart}`;
  }
}

/** How the worker secret is replaced without an outage where it is not sealed, in order; its start or its end. */
export function rotationOf(server: Placed, part: 'rotate' | 'finish' | 'abandon'): string {
  const { platform, source, name } = server;
  const [current, previous] = [placeOf(server, secret), placeOf(server, previousSecret)];
  const flag = platform.secrets.kind === 'external' ? `rotating: true in ${source}` : undefined;
  const delivered = 'npm run synth, commit, deliver, and wait for new pods';
  const rollout = rolloutOf(server);
  const engine = `give the engine the new value, and see npm run verify -- ${name} pass with it`;
  const end = flag === undefined ? `remove ${previous}; ${rollout}` : `take ${flag} out; ${delivered}`;
  switch (part) {
    case 'finish':
      return `once the engine has the new value and npm run verify has passed with it: ${end}`;
    case 'abandon':
      return `write the value before to ${current} again; ${rollout}; give the engine the value before, if it has the new one; then ${end}`;
    case 'rotate':
      return flag === undefined
        ? `in one change: copy the value to ${previous}, and write a new one to ${current}; ${rollout}; ${engine}; then ${end}`
        : `in this order: copy the value of ${current} to ${previous}; write ${flag}; ${delivered}; write a new value to ${current}; ${rollout}; ${engine}; then ${end}`;
  }
}
