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
  /** The same as a command line says it: `weather`, or `weather --platform staging` where there are several platforms. */
  readonly words: string;
  /** The address as it is registered with the engine: without `/worker`. */
  readonly url: URL;
  /** Declared for use inside the cluster, so a private address is expected. */
  readonly isInternal: boolean;
  /** What the public name leads to. Undefined: it is not known, or not public. */
  readonly cname: string | undefined;
  /** What gives it its name. */
  readonly namedBy: Naming;
  /** What leads from that name to the server. @default - an ingress */
  readonly way?: Way['kind'] | undefined;
  /** Names of the tools that must be there, in any form, and no others. Undefined: not known. */
  readonly expectedTools: readonly string[] | undefined;
  /** What the sources say of the tools, which the running server must say too. @default - not known, or not asked */
  readonly sources?: ToolSources | undefined;
  /** Names of tools that may be called although they do not say that they are read-only. */
  readonly invoke: readonly string[];
  /** Undefined: the caller chose to leave out what needs a token. */
  readonly secret: Secret | undefined;
  /** The secret before a rotation, which must be refused. Undefined: there is none to try. */
  readonly oldSecret: Secret | undefined;
  readonly allowlist: Allowlist;
  /** What runs in the cluster. Undefined: the cluster is not asked. */
  readonly cluster: ClusterTarget | undefined;
  /** Where its secrets are instead. @default - they are sealed in this repository */
  readonly stored?: StoredSecrets | undefined;
}

/** Secrets that are not sealed in this repository. */
export interface StoredSecrets {
  readonly kind: 'external' | 'existing';
  /** Where they come from and what that means for pods, in one line. */
  readonly about: string;
  /** The keys that the Secret should have. */
  readonly keys: readonly string[];
  /** Where the value of each of them lies, in their order, in words. */
  readonly places: readonly string[];
  /** What makes pods run on another value, as commands. */
  readonly rollout: string;
  /** How a rotation of the worker secret ends. */
  readonly rotationEnd: string;
}

/** What runs in the cluster, as declared. */
export interface ClusterTarget extends Pick<Server, 'namespace' | 'image'> {
  /** The Secret that pods get their environment from, and the SealedSecret or ExternalSecret that it comes from. */
  readonly secretName: string;
  /** The Gateways that the server's HTTPRoute, which is called like it, joins. @default - none leads to it */
  readonly gateways?: NonNullable<Ways['gateway']>['parentRefs'] | undefined;
  /** What has to do with its metrics, each called like the server. @default - nobody reads them */
  readonly readers?: readonly Reader[] | undefined;
  /** @default - it is sealed in this repository */
  readonly stored?: StoredSecrets | undefined;
  /** The HelmRelease and the version of its chart. @default - the server runs without one */
  readonly release: { readonly name: string; readonly chartVersion: string } | undefined;
}

/** What the caller says of a target, where no more is known than what is declared. */
export type TargetOptions = Pick<Target, 'secret' | 'allowlist'> &
  Partial<Pick<Target, 'oldSecret' | 'invoke'>> & {
    /** The address that was registered. @default - the declared one */
    readonly url?: string | undefined;
    /** Of a server with tools of its own. @default - its image is built elsewhere */
    readonly sources?: Target['sources'];
    /** Names that the caller gives in place of the sources. @default - all that the sources say */
    readonly expectedTools?: Target['expectedTools'];
    /** What is sealed for it, to ask the cluster as well. @default - the cluster is not asked */
    readonly sealed?: Sealed | undefined;
  };

/** A declaration → what must be true of the server once it is deployed. @throws Problem USAGE for a bad address */
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
    words: `${server.name}${server.platform.flag}`,
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

/** The address of a path of the worker, such as `/worker/health`. */
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
    throw new Problem('USAGE', `Cannot ask "${text}": it is not an http or https URL`, {
      fix: 'write it as it is registered, such as https://my-server.example.com, without /worker',
    });
  }
  if (/\/worker\/?$/.test(url.pathname)) {
    throw new Problem('USAGE', `Cannot ask "${text}": the engine appends /worker by itself`, {
      fix: 'leave /worker out, here and in the registration',
    });
  }
  return url;
}
