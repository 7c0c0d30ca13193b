import { z } from 'zod';
import { label } from './fields';
import { at } from './json';
import { foreignLabelsRule, labelsRule } from './labels';
import { rule } from './schema-problems';

const url = z
  .string()
  .regex(/^https?:\/\/[^\s"'<>\\^`{|}$#?]+$/, { message: 'is not an http or https URL without a query', abort: true })
  // It is written to dist/ as it stands.
  .regex(/^\w+:\/\/[^@/]*(\/|$)/, 'has a user or a password in it');
const labels = z.record(z.string(), z.string()).superRefine((given, context) => {
  labelsRule(given, context);
  foreignLabelsRule(given, context);
});

/** How the metrics of a platform's servers are read: by a Prometheus of the Prometheus operator. */
export const Monitoring = z.strictObject({
  /** Where Prometheus runs. Its pods are let in to the port of metrics. */
  namespace: label,
  /**
   * The labels that Prometheus selects monitors and rules by, such as `release: kube-prometheus-stack`.
   * @default - none: it takes all of them
   */
  labels: labels.default({}),
  /**
   * The labels that Grafana's sidecar finds dashboards by.
   * @default - `grafana_dashboard: '1'`, as in Grafana's chart
   */
  dashboardLabels: labels.default({ grafana_dashboard: '1' }),
  /**
   * Where KEDA asks Prometheus for servers that scale on calls.
   * @default - the Service that the operator makes beside each Prometheus: http://prometheus-operated.<namespace>.svc:9090
   */
  address: url.optional(),
  /**
   * The page with the headings that alerts link to, such as that of docs/operations.md in a browser.
   * @default - docs/operations.md, without an address
   */
  runbooks: url.optional(),
});

export type Monitoring = Readonly<z.output<typeof Monitoring>>;

/** The address of the Prometheus that reads the metrics, from inside the cluster. */
export function prometheusAddress({ namespace, address }: Monitoring): string {
  return address ?? `http://prometheus-operated.${namespace}.svc:9090`;
}

/**
 * Whether there are metrics to read: the chart is not known to open their port, nor an image that is built elsewhere to have
 * any.
 */
export function exportsMetrics(runtime: 'st-app' | 'plain', isOurs: boolean): boolean {
  return runtime === 'plain' && isOurs;
}

/** An autoscaler on calls needs somebody who has counted them. */
export function callsRule(
  replicas: unknown,
  { runtime, isOurs }: { readonly runtime: unknown; readonly isOurs: boolean },
  { monitoring, source }: { readonly monitoring?: Monitoring | undefined; readonly source: string },
  context: z.core.$RefinementCtx,
): void {
  if (at(replicas, 'on') !== 'calls') return;
  const refuse = (found: string, fix: string) => rule(context, 'UNMAPPED-FIELD', found, fix, ['replicas', 'on']);
  const onCpu = "write on: 'cpu'";
  if (runtime !== 'plain') refuse('is not known to the chart, which scales on CPU', `${onCpu}, or runtime: 'plain'`);
  else if (!isOurs) refuse('needs metrics of our worker, and the image is built elsewhere', onCpu);
  else if (monitoring === undefined)
    refuse(
      'needs metrics that somebody reads, and the platform has no monitoring',
      `declare it in ${source}, or ${onCpu}`,
    );
}
