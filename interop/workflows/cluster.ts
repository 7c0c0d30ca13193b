import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageIn } from '../../gitops/rollback/previous-image';
import { parseImage } from '../../model/image';
import { privateAuthority } from '../../testing/authority';
import { realWorker } from '../../testing/fake-deployment/real-worker';
import { run } from '../../testing/processes/program';

/** What Flux, a cluster and its ingress do, on loopback. */
export interface Cluster {
  /** What `npm run status` is given to ask it. */
  readonly flags: readonly string[];
  /** Builds the image of a server as its folder is now, and starts it. */
  build(repository: string, server: string, tag: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Behind each host runs the image that its release names at that moment; 503 while that is not built.
 * @param releases by host, the manifests that are merged
 */
export async function loopbackCluster(releases: Readonly<Record<string, () => string>>): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
  const authority = privateAuthority();
  const hosts = Object.keys(releases);
  const images = new Map<string, Awaited<ReturnType<typeof realWorker>>>();
  const ingress = createServer(authority.issue({ names: hosts }), (incoming, answer) => {
    const { method, headers, url: path } = incoming;
    const image = images.get(keyOf(imageIn(releases[headers.host ?? '']?.() ?? '')));
    if (image === undefined) return answer.writeHead(503).end();
    const forwarded = request(`${image.url}${path}`, { method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    return incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => void ingress.listen(0, '127.0.0.1', resolve));
  // A TCP listener has an address of this kind (Node's own declaration).
  const { port } = ingress.address() as AddressInfo;
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.pem);
  return {
    flags: ['--connect-to', `127.0.0.1:${port}`, '--ca', ca],
    async build(repository, server, tag) {
      const file = join(folder, `${server}-${tag}.cjs`);
      await run(process.execPath, [join(repository, 'worker/build.mjs'), join(repository, 'servers', server), file]);
      images.set(`${server}:${tag}`, await realWorker(file, 'a-secret', { MCP_ALLOWED_HOSTS: hosts.join() }));
    },
    async close() {
      ingress.closeAllConnections();
      ingress.close();
      await Promise.all([...images.values()].map((image) => image.close()));
    },
  };
}

/** `<server>:<tag>`, whatever the registry and the digest. */
function keyOf(image = ''): string {
  const { repository = '', tag } = parseImage(image) ?? {};
  return `${repository.replace(/^.*\//, '')}:${tag}`;
}
