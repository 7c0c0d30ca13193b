import { judged, notApplied, objectsIn } from './cluster';
import { faultOf, find } from './cluster-object';
import type { Step } from './step';

/** What reads the metrics of a server, and what scales it by them, is in the cluster, and KEDA can do so. */
export const isMonitored: Step = {
  name: 'monitoring',
  title: 'metrics are read',
  appliesTo: ({ cluster }) => cluster?.readers !== undefined,
  async run({ name, cluster }, _facts, world) {
    const { readers = [], namespace = '' } = cluster ?? {};
    const asked = readers.map((kind) => definitions[kind]);
    const fix = `install the definitions of ${[...new Set(asked.map(({ owner }) => owner))].join(' and ')}, or take out of the platform and the server what needs them: without them Flux applies nothing of the server`;
    const kinds = asked.map(({ resource }) => resource);
    const objects = await objectsIn(namespace, kinds, world, fix);
    const missing = readers.find((kind) => find(objects, kind, name) === undefined);
    if (missing !== undefined) return judged(name, ['CLUSTER', `${missing} ${name} is not there`, notApplied]);
    const scaled = find(objects, 'ScaledObject', name);
    const fault = scaled && faultOf(scaled, 'Ready');
    if (fault === undefined) return judged(name, readers.join(', '));
    return judged(name, [
      'CLUSTER',
      `ScaledObject ${name} ${fault.what}`,
      `kubectl -n ${namespace} describe scaledobject ${name}`,
    ]);
  },
};

/** What `kubectl get` takes, and whose definition it is. */
const definitions = {
  PodMonitor: { resource: 'podmonitors.monitoring.coreos.com', owner: 'the Prometheus operator' },
  PrometheusRule: { resource: 'prometheusrules.monitoring.coreos.com', owner: 'the Prometheus operator' },
  ScaledObject: { resource: 'scaledobjects.keda.sh', owner: 'KEDA' },
} as const;

/** An object of a server that has to do with its metrics. */
export type Reader = keyof typeof definitions;
