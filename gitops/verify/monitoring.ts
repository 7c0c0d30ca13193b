import { judged, notApplied, objectsIn } from './cluster';
import { faultOf, find } from './cluster-object';
import type { Step } from './step';

/** The objects that read the server's metrics and scale it exist, and KEDA can scale it. */
export const isMonitored: Step = {
  name: 'monitoring',
  title: 'metrics are read',
  appliesTo: ({ cluster }) => cluster?.readers !== undefined,
  async run({ name, cluster }, _facts, world) {
    const { readers = [], namespace = '' } = cluster ?? {};
    const asked = readers.map((kind) => definitions[kind]);
    const fix = `install the CRDs of ${[...new Set(asked.map(({ owner }) => owner))].join(' and ')}, or remove what needs them from the platform and the server: without them Flux applies nothing of the server`;
    const kinds = asked.map(({ resource }) => resource);
    const objects = await objectsIn(namespace, kinds, world, fix);
    const missing = readers.find((kind) => find(objects, kind, name) === undefined);
    if (missing !== undefined) return judged(name, ['CLUSTER', `${missing} ${name} does not exist`, notApplied]);
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

/** The resource for `kubectl get`, and the project whose CRD it is. */
const definitions = {
  PodMonitor: { resource: 'podmonitors.monitoring.coreos.com', owner: 'the Prometheus operator' },
  PrometheusRule: { resource: 'prometheusrules.monitoring.coreos.com', owner: 'the Prometheus operator' },
  ScaledObject: { resource: 'scaledobjects.keda.sh', owner: 'KEDA' },
} as const;

/** A kind of object that reads a server's metrics or scales it by them. */
export type Reader = keyof typeof definitions;
