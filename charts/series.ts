import type { Server } from '../model/spec';

/**
 * Makes the function that selects the series of one server in a query: by the name that the Prometheus operator gives to what
 * a PodMonitor finds (0.85).
 */
export function seriesOf({ name, namespace }: Server): (metric: string, ...matchers: readonly string[]) => string {
  return (metric, ...matchers) => `${metric}{${[`job="${namespace}/${name}"`, ...matchers].join(',')}}`;
}
