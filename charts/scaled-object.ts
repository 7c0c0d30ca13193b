import type { Construct } from 'constructs';
import { ScaledObject as Base } from '../imports/keda.sh';
import { type Monitoring, prometheusAddress } from '../model/monitoring';
import type { Server } from '../model/spec';
import { contract } from '../worker/contract';
import { labelsOf } from './labels';
import { seriesOf } from './series';

/**
 * An autoscaler on the calls in flight. KEDA (2.21) queries Prometheus and manages a HorizontalPodAutoscaler with the
 * server's name. Switching between CPU and calls thus never leaves two conflicting autoscalers, and KEDA's webhook
 * accepts it.
 */
export class ScaledObject extends Base {
  constructor(scope: Construct, id: string, server: Server, monitoring: Monitoring, { min, max }: Range) {
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
              serverAddress: prometheusAddress(monitoring),
              // The mean of a minute, because one scrape is only a snapshot.
              query: `sum(avg_over_time(${inFlight}[1m]))`,
              threshold: String(contract.callsPerPod),
              // Without data the number of pods stays unchanged: no data does not mean no calls.
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
