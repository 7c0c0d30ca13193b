import type { Construct } from 'constructs';
import { ScaledObject as Base } from '../imports/keda.sh';
import { type Monitoring, prometheusAddress } from '../model/monitoring';
import type { Server } from '../model/spec';
import { contract } from '../worker/contract';
import { labelsOf } from './labels';
import { seriesOf } from './series';

/**
 * An autoscaler on the calls in flight. KEDA (2.21) asks Prometheus, and keeps an autoscaler of Kubernetes of the server's own
 * name: so a range on CPU becomes one on calls, and back, without a moment in which two autoscalers fight or KEDA's webhook
 * refuses the second.
 */
export class ScaledObject extends Base {
  constructor(scope: Construct, id: string, server: Server, reader: Monitoring, { min, max }: Range) {
    const { name, namespace } = server;
    const inFlight = seriesOf(server)('worker_calls_in_flight');
    super(scope, id, {
      metadata: {
        name,
        namespace,
        labels: labelsOf(server),
        annotations: { 'scaledobject.keda.sh/transfer-hpa-ownership': 'true' },
      },
      spec: {
        scaleTargetRef: { name },
        minReplicaCount: min,
        maxReplicaCount: max,
        advanced: { horizontalPodAutoscalerConfig: { name } },
        triggers: [
          {
            type: 'prometheus',
            metadata: {
              serverAddress: prometheusAddress(reader),
              // The mean of a minute: what is in flight at the moment of a scrape says little.
              query: `sum(avg_over_time(${inFlight}[1m]))`,
              threshold: String(contract.callsPerPod),
              // With no pod that answers, the number of pods stays as it is; nothing is not none.
              ignoreNullValues: 'false',
            },
          },
        ],
      },
    });
  }
}

interface Range {
  readonly min: number;
  readonly max: number;
}
