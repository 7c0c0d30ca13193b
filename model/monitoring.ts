import { z } from 'zod';
import { label } from './fields';
import { at } from './json';
import { foreignLabelsRule, labelsRule } from './labels';
import { rule } from './schema-problems';

const url = z
  .string()
  .regex(/^https?:\/\/[^\s"'<>\\^`{|}$#?]+$/, { message: 'is not an http or https URL without a query', abort: true })
  // It is written to dist/ unchanged.
  .regex(/^\w+:\/\/[^@/]*(\/|$)/, 'contains a user or a password');
const labels = z.record(z.string(), z.string()).superRefine((given, context) => {
  labelsRule(given, context);
  foreignLabelsRule(given, context);
});

/** How Prometheus, run by the Prometheus operator, scrapes the servers of a platform. */
export const Monitoring = z.strictObject({
  /** Where Prometheus runs. A NetworkPolicy admits its pods to the metrics port. */
  namespace: label,
  /**
   * The labels by which Prometheus selects monitors and rules, such as `release: kube-prometheus-stack`.
   * @default - none: it selects all of them
   */
  labels: labels.default({}),
  /**
   * The labels by which Grafana's sidecar finds dashboards.
   * @default - `grafana_dashboard: '1'`, the default of Grafana's chart
   */
  dashboardLabels: labels.default({ grafana_dashboard: '1' }),
  /**
   * Where KEDA queries Prometheus for servers that scale on calls.
   * @default - the Service that the operator creates for Prometheus: http://prometheus-operated.<namespace>.svc:9090
   */
  address: url.optional(),
  /**
   * The runbook page that alerts link to, such as the address of docs/operations.md in a browser.
   * @default - docs/operations.md, as a path
   */
  runbooks: url.optional(),
});

export type Monitoring = Readonly<z.output<typeof Monitoring>>;

/** The address of Prometheus inside the cluster. */
export function prometheusAddress({ namespace, address }: Monitoring): string {
  return address ?? `http://prometheus-operated.${namespace}.svc:9090`;
}

/** Whether a server exports metrics: st-app is not known to open their port, and an image built elsewhere may have none. */
export function exportsMetrics(runtime: 'st-app' | 'plain', isOurs: boolean): boolean {
  return runtime === 'plain' && isOurs;
}

/** Rejects an autoscaler on calls where nothing counts them. */
export function callsRule(
  replicas: unknown,
  { runtime, isOurs }: { readonly runtime: unknown; readonly isOurs: boolean },
  { monitoring, source }: { readonly monitoring?: Monitoring | undefined; readonly source: string },
  context: z.core.$RefinementCtx,
): void {
  if (at(replicas, 'on') !== 'calls') return;
  const refuse = (found: string, fix: string) => rule(context, 'UNMAPPED-FIELD', found, fix, ['replicas', 'on']);
  const onCpu = "write on: 'cpu'";
  if (runtime !== 'plain')
    refuse('is not supported by the chart, which scales on CPU', `${onCpu}, or runtime: 'plain'`);
  else if (!isOurs) refuse("needs our worker's metrics, but the image is built elsewhere", onCpu);
  else if (monitoring === undefined)
    refuse('needs Prometheus, but the platform has no monitoring', `declare it in ${source}, or ${onCpu}`);
}
