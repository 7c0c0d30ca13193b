import type { IngressSpec } from 'cdk8s-plus-28/lib/imports/k8s';
import type { Server } from '../model/spec';
import { inBraces, type Ways } from '../model/ways';
import { dnsAnnotations } from './external-dns';
import { proxySeconds } from './proxy-timeouts';

/** The ingress controller of a platform. */
type Controller = NonNullable<Ways['ingress']>;

/** The Ingress of a server in the plain runtime. */
export function ingressSpec({ host, name }: Server, { className, clusterIssuer }: Controller): IngressSpec {
  const backend = { service: { name, port: { name: 'http' } } };
  return {
    ingressClassName: className,
    rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    // Without a secretName, the controller serves its default certificate.
    tls: [{ hosts: [host], ...(clusterIssuer === undefined ? {} : { secretName: `${name}-tls` }) }],
  };
}

/**
 * The annotations of an Ingress: the platform's, with placeholders replaced, and those for external-dns.
 * @param defaults the annotations on a platform that declares none
 */
export function ingressAnnotations(
  server: Server,
  { annotations, clusterIssuer }: Controller,
  defaults: Readonly<Record<string, string>>,
): Record<string, string> {
  const placeholders: Readonly<Record<string, string>> = {
    seconds: String(proxySeconds(server)),
    host: server.host,
    name: server.name,
  };
  const filled = (value: string) => value.replace(inBraces, (whole, name: string) => placeholders[name] ?? whole);
  const own = Object.entries(annotations ?? {}).map(([key, value]) => [key, filled(value)]);
  return {
    ...(annotations === undefined ? defaults : Object.fromEntries(own)),
    ...(clusterIssuer === undefined ? {} : { 'cert-manager.io/cluster-issuer': clusterIssuer }),
    ...dnsAnnotations(server, 'ingress'),
  };
}
