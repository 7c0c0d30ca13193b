import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { at } from '../../model/json';
import { privateAuthority } from '../../testing/authority';

const token = 'a-token-of-the-suite';

/** The API groups that verify reads, with their kinds in a cluster with sealed-secrets, external-secrets and Flux. */
const groups = {
  'bitnami.com/v1alpha1': { name: 'sealedsecrets', kind: 'SealedSecret' },
  'external-secrets.io/v1': { name: 'externalsecrets', kind: 'ExternalSecret' },
  'helm.toolkit.fluxcd.io/v2': { name: 'helmreleases', kind: 'HelmRelease' },
} as const;

/**
 * Starts a minimal read-only API server over HTTPS: enough discovery and listing for a real kubectl.
 * @param objectsOf the current objects of a namespace
 * @returns the environment that points kubectl to it, and the paths that kubectl requested
 */
export async function startApiServer(objectsOf: (namespace: string) => readonly object[]) {
  const authority = privateAuthority();
  const app = fastify({ https: authority.issue({ names: ['localhost'] }), forceCloseConnections: true });
  const requested: string[] = [];
  app.addHook('onRequest', async (request, reply) => {
    requested.push(request.url);
    if (request.headers.authorization !== `Bearer ${token}`) return reply.code(401).send(failure(401, 'Unauthorized'));
  });
  app.get('/version', () => ({ major: '1', minor: '32', gitVersion: 'v1.32.4' }));
  app.get('/api', () => ({ kind: 'APIVersions', versions: ['v1'] }));
  app.get('/apis', () => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: Object.keys(groups).map(groupOf) }));
  app.get('/api/v1', () => resourcesOf('v1', { name: 'pods', kind: 'Pod' }, { name: 'secrets', kind: 'Secret' }));
  for (const [version, resource] of Object.entries(groups)) {
    app.get(`/apis/${version}`, () => resourcesOf(version, resource));
    app.get<Namespaced>(`/apis/${version}/namespaces/:namespace/${resource.name}`, ({ params }) =>
      list(version, resource.kind, objectsOf(params.namespace)),
    );
  }
  app.get<Namespaced>('/api/v1/namespaces/:namespace/pods', ({ params }) =>
    list('v1', 'Pod', objectsOf(params.namespace)),
  );
  app.get<Namespaced>('/api/v1/namespaces/:namespace/secrets/*', ({ params, url }, reply) => {
    const secrets = list('v1', 'Secret', objectsOf(params.namespace)).items;
    const found = secrets.find((object) => at(object, 'metadata', 'name') === url.split(/[/?]/).at(6));
    return found ?? reply.code(404).send(failure(404, 'NotFound'));
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  // A TCP listener has an AddressInfo; only pipes have a string (Node's own declaration).
  const { port } = app.server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'kube-'));
  writeFileSync(join(folder, 'config'), kubeconfig(port, authority.pem), { mode: 0o600 });
  return {
    requested,
    /** Without the developer's own kubeconfig. */
    environment: { PATH: process.env.PATH, HOME: folder, KUBECONFIG: join(folder, 'config') },
    async close() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Namespaced = { Params: { namespace: string } };

function groupOf(groupVersion: string) {
  const [name = '', version] = groupVersion.split('/');
  return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
}

function resourcesOf(groupVersion: string, ...kinds: readonly { readonly name: string; readonly kind: string }[]) {
  const resources = kinds.map(({ name, kind }) => {
    return { name, singularName: kind.toLowerCase(), namespaced: true, kind, verbs: ['get', 'list'] };
  });
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function list(apiVersion: string, kind: string, objects: readonly object[]) {
  const items = objects.filter((object) => 'kind' in object && object.kind === kind);
  return { apiVersion, kind: `${kind}List`, metadata: { resourceVersion: '1' }, items };
}

function failure(code: number, message: string) {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: message, code };
}

function kubeconfig(port: number, authority: string): string {
  const cluster = {
    server: `https://localhost:${port}`,
    'certificate-authority-data': Buffer.from(authority).toString('base64'),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'suite',
    clusters: [{ name: 'suite', cluster }],
    users: [{ name: 'suite', user: { token } }],
    contexts: [{ name: 'suite', context: { cluster: 'suite', user: 'suite' } }],
  });
}
