import { allowlistFrom } from '../../gitops/engine/allowlist';
import { Secret } from '../../gitops/seal/secret';
import { nodeWorld, type WorldOptions } from '../../gitops/verify/node-world';
import type { Target } from '../../gitops/verify/target';
import { privateAuthority } from '../authority';
import { nameServer, type Zone } from './name-server';
import { type FakeWorkerOptions, fakeWorker } from './worker';

/** A public address for records; connections to it are redirected to loopback. */
export const publicAddress = '93.184.216.34';

export const host = 'fake.example.com';
export const secret = 'a-secret-of-the-tests';

/** A test's changes to a healthy deployment. */
export interface Changes {
  readonly worker?: Partial<FakeWorkerOptions>;
  readonly zone?: Zone;
  /** @default - for the host, 90 days left */
  readonly certificate?: {
    readonly names?: readonly string[];
    readonly daysLeft?: number;
    readonly isUnknown?: boolean;
  };
  readonly target?: Partial<Target>;
  readonly world?: Partial<WorldOptions>;
}

/**
 * Starts a fake deployment on loopback: a name server, and a worker with a certificate of a private authority. Everything is
 * real except the route from the public address to the worker's port.
 */
export async function deployment(changes: Changes = {}) {
  const names = await nameServer(changes.zone ?? goodZone);
  const { names: certified = [host], daysLeft = 90, isUnknown = false } = changes.certificate ?? {};
  const tls = (isUnknown ? unknownAuthority : authority).issue({ names: certified, daysLeft });
  const worker = await fakeWorker({ secret, tls, ...changes.worker });
  const world = nodeWorld({
    resolvers: [names.address],
    // Long enough for a busy machine.
    timeoutMs: 600_000,
    lookupTimeoutMs: 60_000,
    slowMs: 600_000,
    authorities: [authority.pem],
    connectTo: { address: '127.0.0.1', port: worker.port },
    ...changes.world,
  });
  const target: Target = {
    name: 'fake',
    args: 'fake',
    url: new URL(`https://${host}`),
    isInternal: false,
    cname: 'ingress.example.com',
    namedBy: 'record',
    expectedTools: changes.worker?.tools?.map(({ name }) => name) ?? ['Echo', 'Add'],
    invoke: [],
    secret: new Secret(Buffer.from(secret)),
    oldSecret: undefined,
    allowlist: allowlistFrom([]),
    cluster: undefined,
    ...changes.target,
  };
  return {
    target,
    world,
    worker,
    names,
    async close() {
      world.close();
      await Promise.all([worker.close(), names.close()]);
    },
  };
}

export const goodZone: Zone = {
  [host]: { cname: 'ingress.example.com' },
  'ingress.example.com': [publicAddress],
};

export const authority = privateAuthority();
const unknownAuthority = privateAuthority();
