import type { IngressSpec } from 'cdk8s-plus-28/lib/imports/k8s';
import type { Server } from '../model/spec';
import { inBraces, type Ways } from '../model/ways';
import { dnsAnnotations } from './external-dns';
import { proxySeconds } from './proxy-timeouts';

/** The ingress controller of a platform. */
type Controller = NonNullable<Ways['ingress']>;

/** How an ingress controller leads to a server of the plain runtime. */
export function ingressSpec({ host, name }: Server, { className, clusterIssuer }: Controller): IngressSpec {
  const backend = { service: { name, port: { name: 'http' } } };
  return {
    ingressClassName: className,
    rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    // Without a name, the controller's own certificate stands for the host.
    tls: [{ hosts: [host], ...(clusterIssuer === undefined ? {} : { secretName: `${name}-tls` }) }],
  };
}

/**
 * What an Ingress is annotated with: the platform's annotations, filled in for this server, and what external-dns reads.
 * @param usual those of a platform that states none
 */
export function ingressAnnotations(
  server: Server,
  { annotations, clusterIssuer }: Controller,
  usual: Readonly<Record<string, string>>,
): Record<string, string> {
  const words: Readonly<Record<string, string>> = {
    seconds: String(proxySeconds(server)),
    host: server.host,
    name: server.name,
  };
  const filled = (value: string) => value.replace(inBraces, (whole, word: string) => words[word] ?? whole);
  const own = Object.entries(annotations ?? {}).map(([key, value]) => [key, filled(value)]);
  return {
    ...(annotations === undefined ? usual : Object.fromEntries(own)),
    ...(clusterIssuer === undefined ? {} : { 'cert-manager.io/cluster-issuer': clusterIssuer }),
    ...dnsAnnotations(server, 'ingress'),
  };
}
