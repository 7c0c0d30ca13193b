import type { Server } from '../model/spec';

/**
 * Returns a function that selects a metric of one server in a query, by the `job` label that the Prometheus operator sets
 * for a PodMonitor (0.85).
 */
export function seriesOf({ name, namespace }: Server): (metric: string, ...matchers: readonly string[]) => string {
  return (metric, ...matchers) => `${metric}{${[`job="${namespace}/${name}"`, ...matchers].join(',')}}`;
}
