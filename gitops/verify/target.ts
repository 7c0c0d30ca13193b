import { Problem } from '../../model/problem';
import type { Sealed } from '../../model/sealed';
import { secretKeysOf, secretNameOf } from '../../model/secret-name';
import { aboutSecrets, placeOf, rolloutOf, rotationOf } from '../../model/secret-place';
import type { Server } from '../../model/spec';
import { activeWay, type Way, type Ways } from '../../model/ways';
import type { Allowlist } from '../engine/allowlist';
import type { Secret } from '../seal/secret';
import type { ToolSources } from '../tools/published';
import type { Reader } from './monitoring';
import type { Naming } from './naming';

/** One deployed server and what must be true of it. */
export interface Target {
  readonly name: string;
  /** Its arguments on a command line: `weather`, or `weather --platform staging` when there are several platforms. */
  readonly args: string;
  /** The address as it is registered with the engine: without `/worker`. */
  readonly url: URL;
  /** Declared for use inside the cluster, so a private address is expected. */
  readonly isInternal: boolean;
  /** The expected CNAME of the public host. @default - unknown, or not public */
  readonly cname: string | undefined;
  /** What names the host. */
  readonly namedBy: Naming;
  /** What routes from the host to the server. @default - an ingress */
  readonly way?: Way['kind'] | undefined;
  /** The exact set of expected tools, by any form of their names. @default - unknown */
  readonly expectedTools: readonly string[] | undefined;
  /** The tools as the sources declare them, which the server must match. @default - unknown, or not compared */
  readonly sources?: ToolSources | undefined;
  /** Names of tools that may be called although they are not marked read-only. */
  readonly invoke: readonly string[];
  /** @default - the steps that need a token are skipped */
  readonly secret: Secret | undefined;
  /** The secret before a rotation, which must be rejected. @default - not tried */
  readonly oldSecret: Secret | undefined;
  readonly allowlist: Allowlist;
  /** What should run in the cluster. @default - the cluster is not checked */
  readonly cluster: ClusterTarget | undefined;
  /** Secrets from elsewhere. @default - they are sealed in this repository */
  readonly stored?: StoredSecrets | undefined;
}

/** Secrets that are not sealed in this repository. */
export interface StoredSecrets {
  readonly kind: 'external' | 'existing';
  /** Where they come from and what that means for pods, in one line. */
  readonly about: string;
  /** The keys that the Secret should have. */
  readonly keys: readonly string[];
  /** A description of where each key's value is stored, in the order of the keys. */
  readonly places: readonly string[];
  /** The commands that make pods read a new value. */
  readonly rollout: string;
  /** How to finish a rotation of the worker secret. */
  readonly rotationEnd: string;
}

/** What should run in the cluster. */
export interface ClusterTarget extends Pick<Server, 'namespace' | 'image'> {
  /** The Secret that pods get their environment from, and the SealedSecret or ExternalSecret that it comes from. */
  readonly secretName: string;
  /** The Gateways that the server's HTTPRoute, which has its name, attaches to. @default - none */
  readonly gateways?: NonNullable<Ways['gateway']>['parentRefs'] | undefined;
  /** The kinds of objects, named like the server, that read its metrics. @default - none */
  readonly readers?: readonly Reader[] | undefined;
  /** @default - it is sealed in this repository */
  readonly stored?: StoredSecrets | undefined;
  /** The HelmRelease and the version of its chart. @default - the server runs without one */
  readonly release: { readonly name: string; readonly chartVersion: string } | undefined;
}

/** What the caller adds to the declaration. */
export type TargetOptions = Pick<Target, 'secret' | 'allowlist'> &
  Partial<Pick<Target, 'oldSecret' | 'invoke'>> & {
    /** The address that was registered. @default - the declared one */
    readonly url?: string | undefined;
    /** The tools as the sources declare them. @default - its image is built elsewhere */
    readonly sources?: Target['sources'];
    /** Overrides the tools of the sources. @default - the tools of the sources */
    readonly expectedTools?: Target['expectedTools'];
    /** The sealed values, to check the cluster too. @default - the cluster is not checked */
    readonly sealed?: Sealed | undefined;
  };

/** Derives from a declaration what must be true of the deployed server. @throws Problem USAGE for a bad address */
export function targetOf(server: Server, options: TargetOptions): Target {
  const { url: address = server.url, sources, expectedTools, sealed, ...given } = options;
  const url = registeredUrl(address);
  const isDeclared = url.hostname === server.host;
  const way = isDeclared && server.isPublic ? activeWay(server.platform) : undefined;
  return {
    oldSecret: undefined,
    invoke: [],
    ...given,
    name: server.name,
    args: `${server.name}${server.platform.flag}`,
    url,
    isInternal: isDeclared && !server.isPublic,
    cname: way?.address,
    namedBy: server.platform.dns.none ?? 'record',
    way: way?.kind,
    expectedTools: expectedTools ?? sources?.tools.map(({ name }) => `${sources.toolkit.name}.${name}`),
    sources: expectedTools === undefined ? sources : undefined,
    cluster: sealed && clusterTarget(server, sealed),
    stored: storedOf(server),
  };
}

/** The URL of a path of the worker, such as `/worker/health`. */
export function urlOf({ url }: Target, path: string): URL {
  return new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url);
}

function clusterTarget(server: Server, sealed: Sealed): ClusterTarget {
  const { name, namespace, runtime, image, isPublic, platform } = server;
  const release = { name, chartVersion: platform.chart?.version ?? '' };
  const secretName = secretNameOf(server, sealed);
  const stored = storedOf(server);
  const gateways = isPublic ? platform.ways.gateway?.parentRefs : undefined;
  const readers = readersOf(server);
  return {
    namespace,
    secretName,
    stored,
    release: runtime === 'st-app' ? release : undefined,
    gateways,
    readers,
    image,
  };
}

function readersOf({ monitoring, replicas }: Server): readonly Reader[] | undefined {
  if (monitoring === undefined) return undefined;
  const isScaled = typeof replicas !== 'number' && replicas.on === 'calls';
  return ['PodMonitor', 'PrometheusRule', ...(isScaled ? (['ScaledObject'] as const) : [])];
}

function storedOf(server: Server): StoredSecrets | undefined {
  const { kind } = server.platform.secrets;
  if (kind === 'sealed') return undefined;
  const keys = secretKeysOf(server, new Map());
  const places = keys.map((key) => placeOf(server, key) ?? '');
  const about = aboutSecrets(server.platform) ?? '';
  return { kind, about, keys, places, rollout: rolloutOf(server), rotationEnd: rotationOf(server, 'finish') };
}

function registeredUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '') {
    throw new Problem('USAGE', `Cannot use "${text}": it is not an http or https URL`, {
      fix: 'write the address as registered, such as https://my-server.example.com, without /worker',
    });
  }
  if (/\/worker\/?$/.test(url.pathname)) {
    throw new Problem('USAGE', `Cannot use "${text}": the engine appends /worker itself`, {
      fix: 'remove /worker, here and in the registration',
    });
  }
  return url;
}
