import { at, isRecord } from '../model/json';
import type { Platform } from '../model/platform';
import { Problem } from '../model/problem';
import type { Server } from '../model/spec';

/**
 * Reports extra values of the chart that would override what another field, the platform or the worker's contract decides.
 * A list counts as a whole, because it would be replaced. An addition, such as an annotation, is fine.
 * @param declared the chart's values without the extra ones
 */
export function decidedElsewhere(server: Server, declared: object): readonly Problem[] {
  const places = [...leavesOf(declared), ...alternatives(server)].filter((place) => !free.includes(place.join('.')));
  return places
    .filter((place) => at(server.values, ...place) !== undefined)
    .map((place) => {
      const path = ['values', ...place].join('.');
      const [, fixFor] = fixes.find(([start]) => place.join('.').startsWith(start)) ?? [];
      const fix = fixFor?.(server) ?? 'remove it: the worker and its platform decide it';
      return new Problem('SERVER-FIELD', `Cannot use ${path}: it is decided elsewhere`, {
        file: server.source,
        path,
        fix,
      });
    });
}

type Path = readonly string[];

const field = (name: string) => () => `use the field ${name}`;

/** The fix for each value, by the start of its path. */
const fixes: readonly (readonly [start: string, fix: (server: Server) => string])[] = [
  ['autoscaling', field('replicas')],
  ['envFrom', () => 'declare it in the field secrets'],
  ['env', field('env')],
  ['image', field('image')],
  ['ingress.annotations', ({ platform }) => annotated(platform)],
  ['ingress.className', ({ platform }) => `set ways.ingress.className in ${platform.source}`],
  [
    'ingress.enabled',
    ({ isPublic, platform: { ways, source } }) =>
      isPublic && ways.ingress === undefined ? `declare ways.ingress in ${source}` : 'use the field exposure',
  ],
  ['livenessProbe', field('probes')],
  ['podAnnotations', field('podAnnotations')],
  ['readinessProbe', field('probes')],
  ['replicaCount', field('replicas')],
  ['resources', field('resources')],
];

function annotated({ ways, source }: Platform): string {
  if (ways.ingress?.annotations === undefined) return 'remove it: it follows from the timeouts of the tools';
  return `set it in ways.ingress.annotations of ${source}`;
}

/** Values that may be overridden: the autoscaler's target has no field, and the others have their own rules. */
const free = ['autoscaling.targetCPUUtilizationPercentage', 'ingress.hosts', 'oAuth.enabled'];

/** Values with the same meaning as a declared one, which would conflict with it. */
function alternatives({ replicas }: Server): readonly Path[] {
  const handlers = ['httpGet', 'tcpSocket', 'exec', 'grpc'];
  const probes = ['livenessProbe', 'readinessProbe'].flatMap((probe) => handlers.map((handler) => [probe, handler]));
  return [[typeof replicas === 'number' ? 'autoscaling' : 'replicaCount'], ...probes];
}

function leavesOf(value: object, above: Path = []): readonly Path[] {
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    const path = [...above, key];
    return isRecord(member) ? leavesOf(member, path) : [path];
  });
}
