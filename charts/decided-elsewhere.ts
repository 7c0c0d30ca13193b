import { at, isRecord } from '../model/json';
import type { Platform } from '../model/platform';
import { Problem } from '../model/problem';
import type { Server } from '../model/spec';

/**
 * Extra values for the chart that would undo what another field, the platform or the worker's contract decides. A list
 * would be replaced, so it counts as a whole; what is only added, such as an annotation, is no such value.
 * @param declared the chart's values without the extra ones
 */
export function decidedElsewhere(server: Server, declared: object): readonly Problem[] {
  const places = [...leavesOf(declared), ...alternatives(server)].filter((place) => !free.includes(place.join('.')));
  return places
    .filter((place) => at(server.values, ...place) !== undefined)
    .map((place) => {
      const path = ['values', ...place].join('.');
      const [, home] = homes.find(([start]) => place.join('.').startsWith(start)) ?? [];
      const fix = home?.(server) ?? 'take it out: the worker and its platform decide it';
      return new Problem('SERVER-FIELD', `Cannot use ${path}: it is decided elsewhere`, {
        file: server.source,
        path,
        fix,
      });
    });
}

type Path = readonly string[];

const field = (name: string) => () => `write it in the field ${name}`;

/** Where each of them is said instead, by how its path begins. */
const homes: readonly (readonly [start: string, fix: (server: Server) => string])[] = [
  ['autoscaling', field('replicas')],
  ['envFrom', () => 'name it in the field secrets'],
  ['env', field('env')],
  ['image', field('image')],
  ['ingress.annotations', ({ platform }) => annotated(platform)],
  ['ingress.className', ({ platform }) => `write it in ways.ingress.className of ${platform.source}`],
  [
    'ingress.enabled',
    ({ isPublic, platform: { ways, source } }) =>
      isPublic && ways.ingress === undefined ? `declare ways.ingress in ${source}` : 'write it in the field exposure',
  ],
  ['livenessProbe', field('probes')],
  ['podAnnotations', field('podAnnotations')],
  ['readinessProbe', field('probes')],
  ['replicaCount', field('replicas')],
  ['resources', field('resources')],
];

function annotated({ ways, source }: Platform): string {
  if (ways.ingress?.annotations === undefined) return 'take it out: it follows from the time limits of the tools';
  return `write it in ways.ingress.annotations of ${source}`;
}

/** What may be changed: the target of an autoscaler has no field; the others have rules and codes of their own. */
const free = ['autoscaling.targetCPUUtilizationPercentage', 'ingress.hosts', 'oAuth.enabled'];

/** What stands for the same thing as something declared: one of the two would win, or the two would fight. */
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
