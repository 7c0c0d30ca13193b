import { KubeConfigMap } from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import {
  PrometheusRuleSpecGroupsRulesExpr as Expression,
  PodMonitor,
  PrometheusRule,
} from '../imports/monitoring.coreos.com';
import type { Monitoring as Settings } from '../model/monitoring';
import type { Server } from '../model/spec';
import { contract } from '../worker/contract';
import { alertsFor } from './alerts';
import { dashboardFor } from './dashboard';
import { labelSelector, labelsOf } from './labels';

/** The monitor, the alerts and the dashboard of a server. */
export class Monitoring extends Construct {
  /** @param settings the platform's Prometheus and Grafana */
  constructor(scope: Construct, id: string, server: Server, settings: Settings) {
    super(scope, id);
    const { name, namespace } = server;
    const metadata = { name, namespace, labels: { ...labelsOf(server), ...settings.labels } };
    new PodMonitor(this, 'pod-monitor', {
      metadata,
      spec: {
        selector: labelSelector(server),
        podMetricsEndpoints: [{ port: 'metrics', path: contract.operations.metrics }],
      },
    });
    const rules = alertsFor(server, settings).map(({ expr, ...alert }) => ({
      ...alert,
      expr: Expression.fromString(expr),
    }));
    new PrometheusRule(this, 'alerts', { metadata, spec: { groups: [{ name, rules }] } });
    new KubeConfigMap(this, 'dashboard', {
      metadata: {
        name: `${name}-dashboard`,
        namespace,
        labels: { ...labelsOf(server), ...settings.dashboardLabels },
      },
      data: { [`${name}.json`]: `${JSON.stringify(dashboardFor(server), null, 1)}\n` },
    });
  }
}
