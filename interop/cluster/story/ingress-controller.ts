import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Certified } from '../../../testing/authority';
import { testWays } from '../../../testing/fixtures';
import { startNginx } from '../../../testing/processes/nginx';
import type { Cluster } from '../cluster';
import type { PodNetwork } from '../network/pod-network';

/** Its port in the pod network. */
export const ingressPort = 8443;

const Ingress = z.object({
  kind: z.literal('Ingress'),
  spec: z.object({
    ingressClassName: z.literal(testWays.ingress.className),
    rules: z.array(
      z.object({
        host: z.string(),
        http: z.object({
          paths: z.array(
            z.object({
              path: z.string(),
              backend: z.object({ service: z.object({ name: z.string(), port: z.object({ name: z.string() }) }) }),
            }),
          ),
        }),
      }),
    ),
  }),
});
const Slice = z.object({
  kind: z.literal('EndpointSlice'),
  metadata: z.object({ labels: z.object({ 'kubernetes.io/service-name': z.string() }) }),
  endpoints: z.array(z.object({ addresses: z.tuple([z.string()]), conditions: z.object({ ready: z.boolean() }) })),
  ports: z.array(z.object({ name: z.string(), port: z.number() })),
});

/**
 * Runs nginx with the Ingresses and EndpointSlices of a namespace. Replaces ingress-nginx, whose controller cannot be built from
 * its Go module. @returns a function that stops it
 */
export async function startIngressController(
  cluster: Cluster,
  network: PodNetwork,
  { namespace, certified }: { namespace: string; certified: Certified },
): Promise<() => Promise<void>> {
  const routes = async () => {
    const { items } = JSON.parse(
      await cluster.succeeds(['get', 'ingress,endpointslices', '-n', namespace, '-o', 'json']),
    );
    return routesOf(items);
  };
  let head = '';
  let last = await routes();
  const nginx = await startNginx(
    (folder, port) => {
      writeFileSync(join(folder, 'cert.pem'), certified.cert);
      writeFileSync(join(folder, 'key.pem'), certified.key, { mode: 0o600 });
      head = `
  ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
  server { listen ${port} ssl default_server; return 404; }
`;
      return head + last;
    },
    { port: ingressPort, start: (recipe, port = ingressPort) => network.startServer(recipe, port) },
  );
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const next = await routes();
      if (next !== last) nginx.reload(head + next);
      last = next;
      await sleep(200);
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    await nginx.stop();
  };
}

/** The configuration of nginx for Ingresses and EndpointSlices. */
function routesOf(items: readonly unknown[]): string {
  const slices = items.flatMap((item) => Slice.safeParse(item).data ?? []);
  const ingresses = items.flatMap((item) => Ingress.safeParse(item).data ?? []);
  return ingresses
    .flatMap(({ spec }) => spec.rules)
    .map(({ host, http }) => {
      const locations = http.paths.map(({ path, backend: { service } }) => {
        const servers = slices
          .filter(({ metadata }) => metadata.labels['kubernetes.io/service-name'] === service.name)
          .flatMap(({ endpoints, ports }) => {
            const { port } = ports.find(({ name }) => name === service.port.name) ?? {};
            const ready = endpoints.filter(({ conditions }) => conditions.ready);
            return ready.map(({ addresses: [address] }) => `server ${address}:${port};`);
          });
        const upstream = `upstream ${host}-${service.name} { ${servers.sort().join(' ')} }`;
        const forward = `proxy_pass http://${host}-${service.name}; proxy_set_header Host $host; proxy_http_version 1.1;`;
        return servers.length === 0
          ? { upstream: '', location: `location ${path} { return 503; }` }
          : { upstream, location: `location ${path} { ${forward} }` };
      });
      const server = `server { listen ${ingressPort} ssl; server_name ${host}; ${locations.map(({ location }) => location).join(' ')} }`;
      return [...locations.map(({ upstream }) => upstream), server].join('\n  ');
    })
    .join('\n  ');
}
