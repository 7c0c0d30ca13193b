import { parseImage } from '../../model/image';
import { markerOf } from '../../model/marker';
import type { Platform } from '../../model/platform';
import { podOf } from '../../model/pod';
import type { Sealed } from '../../model/sealed';
import { secretKeysOf, secretNameOf } from '../../model/secret-name';
import { storeOf } from '../../model/secret-place';
import { distinct } from '../../model/servers';
import type { Server } from '../../model/spec';
import { waysOf } from '../../model/ways';
import { contract } from '../../worker/contract';

/** A server with the sealed values that its pods get. */
export interface SealedServer {
  readonly server: Server;
  readonly sealed: Sealed;
}

/** How many servers are drawn; the others are counted below them. GitHub draws no picture of more than 500 arrows. */
export const mostDrawn = 40;

/**
 * The way of a call as Mermaid pictures in Markdown, which GitHub draws: from who calls to the pods and their secret, one
 * picture a platform.
 */
export function topology(servers: readonly SealedServer[], platforms: readonly Platform[]): string {
  const count = distinct(servers.map(({ server }) => server)).length;
  return [
    `<!-- ${markerOf('servers', platforms[0]?.tool ?? '')} -->`,
    `# How a call reaches ${count === 1 ? 'the server' : `the ${count} servers`}`,
    '',
    ...platforms.flatMap((platform) => [
      ...(platform.flag === '' ? [] : [`## On ${platform.name}`, '']),
      ...picture(servers.filter(({ server }) => server.platform === platform)),
    ]),
  ].join('\n');
}

function picture(servers: readonly SealedServer[]): readonly string[] {
  const more = servers.length - mostDrawn;
  return [
    '```mermaid',
    'flowchart LR',
    `client(${label('MCP client')}) --> gateway(${label('gateway', 'Arcade')}) --> engine(${label('engine')})`,
    ...servers.slice(0, mostDrawn).flatMap((server, index) => serverLines(server, index)),
    '```',
    ...(more > 0 ? ['', `and ${more} more server${more === 1 ? '' : 's'}`] : []),
    '',
  ];
}

/** From the callers to the pods: through the public name and a way in, or straight, inside the cluster. */
function serverLines({ server, sealed }: SealedServer, index: number): readonly string[] {
  const { chart, dns } = server.platform;
  const [active, ...others] = waysOf(server.platform);
  const { host, isPublic, namespace, replicas, runtime, servicePort, url } = server;
  const pods = typeof replicas === 'number' ? replicas : `${replicas.min}-${replicas.max}`;
  const kind = runtime === 'st-app' ? `${chart?.name} ${chart?.version}` : 'Deployment';
  const entrance = [
    `engine -->|"/worker"| host${index}[/${label(host, `${recordKinds[dns.none ?? 'record']} ${active?.address}`)}/]`,
    `client -->|"${contract.paths.mcp}"| host${index} -->|${label(active?.title ?? '')}| service${index}`,
    // It serves, and no record leads there.
    ...others.map(({ title, address }) => `host${index} -.->|${label(title, address)}| service${index}`),
  ];
  return [
    ...(isPublic ? entrance : [`engine -->|"/worker"| service${index}`]),
    `subgraph namespace${index}[${label(`namespace ${namespace}`)}]`,
    `  service${index}[${label('service', isPublic ? `port ${servicePort}` : url)}] --> pod${index}`,
    `  pod${index}[${label(`pod × ${pods}`, kind, imageOf(server), ...accountWords(server))}]`,
    `  secret${index}[(${label(secretWords(server, sealed), ...secretKeysOf(server, sealed))})] -.-> pod${index}`,
    'end',
    ...storeLines(server, index),
    ...egressLines(server, index),
    ...readerLines(server, index),
  ];
}

/** Whose identity pods have, where it is not the namespace's own. */
function accountWords(server: Server): readonly string[] {
  const { serviceAccount } = podOf(server);
  return serviceAccount === undefined ? [] : [`account ${serviceAccount.name ?? server.name}`];
}

/** Where pods may call; nothing where they may call anywhere. */
function egressLines(server: Server, index: number): readonly string[] {
  const { egress } = podOf(server);
  if (egress === undefined) return [];
  const places = egress.map(({ namespace, cidr = '' }) => (namespace === undefined ? cidr : `namespace ${namespace}`));
  const [shown, hidden] = [places.slice(0, mostPlaces), places.slice(mostPlaces)];
  const rest = hidden.length === 0 ? [] : [`and ${hidden.length} more`];
  return [`pod${index} -->|"may call"| egress${index}(${label('DNS', ...shown, ...rest)})`];
}

/** How many of the places that pods may call are drawn; the others are counted below them. */
const mostPlaces = 5;

/** What leads a host to the ingress. */
const recordKinds = { record: 'CNAME', wildcard: 'wildcard', 'external-dns': 'external-dns' };

function secretWords(server: Server, sealed: Sealed): string {
  const name = secretNameOf(server, sealed);
  return server.platform.secrets.kind === 'existing' ? `existing secret ${name}` : `secret ${name}`;
}

/** The store that a Secret is copied from; nothing where there is none. */
function storeLines({ platform }: Server, index: number): readonly string[] {
  const { secrets } = platform;
  if (secrets.kind !== 'external') return [];
  const { key, property } = secrets;
  const entry = property === undefined ? key : `${property} in ${key}`;
  return [`store${index}[(${label(storeOf(platform) ?? '', entry)})] -.->|"every ${secrets.refresh}"| secret${index}`];
}

/** Who reads the metrics, and who scales by them; nothing where nobody does. */
function readerLines({ monitoring, replicas }: Server, index: number): readonly string[] {
  if (monitoring === undefined) return [];
  const scales = typeof replicas !== 'number' && replicas.on === 'calls' ? ['KEDA scales on calls'] : [];
  const reader = label('Prometheus', `namespace ${monitoring.namespace}`, ...scales);
  return [`reader${index}[${reader}] -.->|${label(contract.operations.metrics)}| pod${index}`];
}

/** A label of several lines. A quotation mark would end it. */
function label(...lines: readonly string[]): string {
  return `"${lines.join('<br>').replaceAll('"', '#quot;')}"`;
}

/** The end of the image's name and its version: the registry is the same for all. */
function imageOf({ image }: Server): string {
  const { repository = image, tag, digest } = parseImage(image) ?? {};
  const version = tag === undefined ? `@${digest?.slice(0, 19) ?? ''}` : `:${tag}`;
  return `${repository.slice(repository.lastIndexOf('/') + 1)}${version}`;
}
