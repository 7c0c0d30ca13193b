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

/** The maximum number of servers in a diagram; the rest are counted below it. GitHub renders at most 500 edges. */
export const maxServersDrawn = 40;

/**
 * The path of a call, from the callers to the pods and their secret, as Mermaid diagrams in Markdown, which GitHub renders.
 * One diagram per platform.
 */
export function topology(servers: readonly SealedServer[], platforms: readonly Platform[]): string {
  const count = distinct(servers.map(({ server }) => server)).length;
  return [
    `<!-- ${markerOf('servers', platforms[0]?.tool ?? '')} -->`,
    `# How a call reaches ${count === 1 ? 'the server' : `the ${count} servers`}`,
    '',
    ...platforms.flatMap((platform) => [
      ...(platform.flag === '' ? [] : [`## On ${platform.name}`, '']),
      ...diagram(servers.filter(({ server }) => server.platform === platform)),
    ]),
  ].join('\n');
}

function diagram(servers: readonly SealedServer[]): readonly string[] {
  const more = servers.length - maxServersDrawn;
  return [
    '```mermaid',
    'flowchart LR',
    `client(${label('MCP client')}) --> gateway(${label('gateway', 'Arcade')}) --> engine(${label('engine')})`,
    ...servers.slice(0, maxServersDrawn).flatMap((server, index) => serverLines(server, index)),
    '```',
    ...(more > 0 ? ['', `and ${more} more server${more === 1 ? '' : 's'}`] : []),
    '',
  ];
}

/** From the callers to the pods: through the public host, or directly inside the cluster. */
function serverLines({ server, sealed }: SealedServer, index: number): readonly string[] {
  const { chart, dns } = server.platform;
  const [active, ...others] = waysOf(server.platform);
  const { host, isPublic, namespace, replicas, runtime, servicePort, url } = server;
  const pods = typeof replicas === 'number' ? replicas : `${replicas.min}-${replicas.max}`;
  const kind = runtime === 'st-app' ? `${chart?.name} ${chart?.version}` : 'Deployment';
  const waysIn = [
    `engine -->|"/worker"| host${index}[/${label(host, `${recordKinds[dns.none ?? 'record']} ${active?.address}`)}/]`,
    `client -->|"${contract.paths.mcp}"| host${index} -->|${label(active?.title ?? '')}| service${index}`,
    // These serve the host too, but no DNS record points to them.
    ...others.map(({ title, address }) => `host${index} -.->|${label(title, address)}| service${index}`),
  ];
  return [
    ...(isPublic ? waysIn : [`engine -->|"/worker"| service${index}`]),
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

/** The service account, unless it is the default of the namespace. */
function accountWords(server: Server): readonly string[] {
  const { serviceAccount } = podOf(server);
  return serviceAccount === undefined ? [] : [`account ${serviceAccount.name ?? server.name}`];
}

/** The allowed egress; nothing when egress is not restricted. */
function egressLines(server: Server, index: number): readonly string[] {
  const { egress } = podOf(server);
  if (egress === undefined) return [];
  const places = egress.map(({ namespace, cidr = '' }) => (namespace === undefined ? cidr : `namespace ${namespace}`));
  const [shown, hidden] = [places.slice(0, maxEgressDrawn), places.slice(maxEgressDrawn)];
  const rest = hidden.length === 0 ? [] : [`and ${hidden.length} more`];
  return [`pod${index} -->|"may call"| egress${index}(${label('DNS', ...shown, ...rest)})`];
}

/** The maximum number of egress rules to draw; the rest are counted. */
const maxEgressDrawn = 5;

/** The DNS record that points a host to the ingress. */
const recordKinds = { record: 'CNAME', wildcard: 'wildcard', 'external-dns': 'external-dns' };

function secretWords(server: Server, sealed: Sealed): string {
  const name = secretNameOf(server, sealed);
  return server.platform.secrets.kind === 'existing' ? `existing secret ${name}` : `secret ${name}`;
}

/** The store that a Secret is copied from; nothing without one. */
function storeLines({ platform }: Server, index: number): readonly string[] {
  const { secrets } = platform;
  if (secrets.kind !== 'external') return [];
  const { key, property } = secrets;
  const entry = property === undefined ? key : `${property} in ${key}`;
  return [`store${index}[(${label(storeOf(platform) ?? '', entry)})] -.->|"every ${secrets.refresh}"| secret${index}`];
}

/** What scrapes the metrics and scales on them; nothing without monitoring. */
function readerLines({ monitoring, replicas }: Server, index: number): readonly string[] {
  if (monitoring === undefined) return [];
  const scales = typeof replicas !== 'number' && replicas.on === 'calls' ? ['KEDA scales on calls'] : [];
  const reader = label('Prometheus', `namespace ${monitoring.namespace}`, ...scales);
  return [`reader${index}[${reader}] -.->|${label(contract.operations.metrics)}| pod${index}`];
}

/** A label of several lines, with its quotation marks escaped. */
function label(...lines: readonly string[]): string {
  return `"${lines.join('<br>').replaceAll('"', '#quot;')}"`;
}

/** The last part of the image's name, and its version. */
function imageOf({ image }: Server): string {
  const { repository = image, tag, digest } = parseImage(image) ?? {};
  const version = tag === undefined ? `@${digest?.slice(0, 19) ?? ''}` : `:${tag}`;
  return `${repository.slice(repository.lastIndexOf('/') + 1)}${version}`;
}
