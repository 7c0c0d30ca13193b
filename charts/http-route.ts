import type { Construct } from 'constructs';
import { HttpRoute } from '../imports/gateway.networking.k8s.io';
import type { Server } from '../model/spec';
import type { Ways } from '../model/ways';
import { dnsAnnotations } from './external-dns';
import { labelsOf } from './labels';
import { proxySeconds } from './proxy-timeouts';

/** The route from a Gateway to a server, in either runtime. */
export class Route extends HttpRoute {
  constructor(scope: Construct, id: string, server: Server, { parentRefs }: NonNullable<Ways['gateway']>) {
    const { name, namespace, host, servicePort } = server;
    const annotations = dnsAnnotations(server, 'gateway');
    // Timeouts of the whole response are an extended feature, which some implementations ignore (Gateway API 1.6.3).
    const seconds = `${proxySeconds(server)}s`;
    super(scope, id, {
      metadata: {
        name,
        namespace,
        labels: labelsOf(server),
        ...(Object.keys(annotations).length > 0 && { annotations }),
      },
      spec: {
        parentRefs: parentRefs.map(({ sectionName, ...gateway }) =>
          sectionName === undefined ? gateway : { ...gateway, sectionName },
        ),
        hostnames: [host],
        rules: [
          {
            backendRefs: [{ name, port: servicePort }],
            timeouts: { request: seconds, backendRequest: seconds },
          },
        ],
      },
    });
  }
}
