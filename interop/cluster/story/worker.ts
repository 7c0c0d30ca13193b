import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createServer } from 'node:tls';
import { z } from 'zod';
import { Problem } from '../../../model/problem';
import { type Certified, privateAuthority } from '../../../testing/authority';
import { nameServer } from '../../../testing/fake-deployment/name-server';
import { testWays } from '../../../testing/fixtures';
import { startIngress } from '../../../testing/processes/nginx';
import { recordedWorker, worker } from '../../../testing/processes/our-worker';
import { startServer } from '../../../testing/processes/server';
import { contract } from '../../../worker/contract';
import { seen } from '../../seen';
import { podOf } from './pod';
import type { ServerName } from './sources';
import type { Story } from './story';
import { recreatePods } from './verify-steps';

const name = 'plain-public' satisfies ServerName;
const publicAddress = '93.184.216.34';

const Ingress = z.object({
  spec: z.object({
    rules: z.tuple([
      z.object({
        host: z.string(),
        http: z.object({
          paths: z.tuple([
            z.object({
              path: z.literal('/'),
              backend: z.object({ service: z.object({ name: z.string(), port: z.object({ name: z.string() }) }) }),
            }),
          ]),
        }),
      }),
    ]),
  }),
});
const Service = z.object({
  spec: z.object({
    selector: z.record(z.string(), z.string()),
    ports: z.array(z.object({ name: z.string(), targetPort: z.string() })),
  }),
});
/** 5: a worker with the environment of the pods passes verify behind nginx, with the host and port of Ingress and Service. */
export function proveWorker(story: () => Story): void {
  const running: (() => Promise<unknown>)[] = [];
  afterAll(() => Promise.all(running.map((stop) => stop())));

  test('a real worker with the environment of a pod passes every step of verify behind nginx', async () => {
    await recreatePods(story(), name);
    const { host, environment } = await routeToPod(story());
    const served = await startServer(worker({ file: await recordedWorker(), environment }));
    running.push(served.kill);
    const authority = privateAuthority();
    const ingress = await startFront(host, served.url, authority.issue({ names: [host] }));
    running.push(ingress.stop);
    const target = testWays.ingress.address;
    const dns = await nameServer({ [host]: { cname: target }, [target]: [publicAddress] });
    running.push(async () => dns.close());

    const folder = mkdtempSync(join(tmpdir(), 'worker-'));
    writeFileSync(join(folder, 'ca.pem'), authority.pem);
    const args = [
      ...[name, '--kubectl', '--ca', join(folder, 'ca.pem'), '--resolver', dns.address, '--secret-file', '-'],
      ...['--connect-to', new URL(ingress.url).host, '--expect', 'Echo,Add,Whoami'],
    ];
    const secret = environment[contract.env.secret] ?? '';
    const printed = await story().sources.succeeds('verify', args, secret);
    const last = printed.trim().split('\n').at(-1) ?? '';
    expect(last).not.toContain('warned');
    seen(last.trim());
  });
}

/** nginx as an ingress. Without nginx, a TLS server in this process that ignores the host. */
async function startFront(host: string, upstream: string, certified: Certified) {
  try {
    return await startIngress([{ name: host, upstream }], certified);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'TOOL-MISSING') throw error;
    seen('nginx is not installed: Node terminates TLS instead');
    const server = createServer(certified, (caller) => {
      const called = connect(Number(new URL(upstream).port), '127.0.0.1');
      pipeline(caller, called, caller, () => undefined);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    // A TCP listener has an AddressInfo; only pipes have a string (Node's own declaration).
    const { port } = server.address() as AddressInfo;
    return { url: `https://127.0.0.1:${port}`, stop: async () => server.close() };
  }
}

/** Follows Ingress and Service to a pod. @returns the host, and the environment of the pod's container */
async function routeToPod({ cluster }: Story) {
  const found = { namespace: name, name };
  const [rule] = Ingress.parse(await cluster.read('ingress', found)).spec.rules;
  const { service: backend } = rule.http.paths[0].backend;
  const service = Service.parse(await cluster.read('service', { ...found, name: backend.name }));
  const port = service.spec.ports.find((each) => each.name === backend.port.name);
  const selector = Object.entries(service.spec.selector).map((pair) => pair.join('='));
  const { container, environment } = await podOf(cluster, name, selector.join());
  expect(container.ports).toContainEqual({ name: port?.targetPort, containerPort: contract.port });
  // A pod has its own ports; here the worker shares those of this machine.
  delete environment[contract.env.port];
  return { host: rule.host, environment };
}
