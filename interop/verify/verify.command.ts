import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { runCommand } from '../../cli/command';
import { allowlistFrom } from '../../gitops/engine/allowlist';
import { Secret } from '../../gitops/seal/secret';
import { nodeWorld } from '../../gitops/verify/node-world';
import { reportLines } from '../../gitops/verify/report';
import type { StepName } from '../../gitops/verify/step';
import type { Target } from '../../gitops/verify/target';
import { type Report, verify, verifyAll } from '../../gitops/verify/verify';
import { Problem, Problems } from '../../model/problem';
import { privateAuthority } from '../../testing/authority';
import { clusterObjects, clusterOf } from '../../testing/fake-deployment/cluster';
import { nameServer, type Zone } from '../../testing/fake-deployment/name-server';
import { bundledWorker, realWorker } from '../../testing/fake-deployment/real-worker';
import { findingOf } from '../../testing/fake-deployment/verified';
import { fakeWorker } from '../../testing/fake-deployment/worker';
import { type Host, startNginx } from '../../testing/processes/nginx';
import { startApiServer } from './api-server';

const zone = 'example.com';
const publicAddress = '93.184.216.34';
const many = 50;

void runCommand({
  usage:
    'npm run interop -- verify    verify through nginx with host routing, with a real kubectl, and fifty servers at once',
  options: {},
  async run({ json }) {
    const folder = mkdtempSync(join(tmpdir(), 'verify-'));
    const running: { close(): Promise<unknown> }[] = [];
    try {
      const bundle = await bundledWorker(folder);
      const names = ['first', 'second', 'without-pod', 'walled', 'unknown', ...fifty];
      const workers = await Promise.all(['first', 'second'].map((name) => workerOf(bundle, name)));
      running.push(...workers);
      const distant = await fakeWorker({ secret, delayMs: distanceMs });
      running.push(distant);
      const [first, second] = workers.map(({ url }) => url);
      const authority = privateAuthority();
      const login = 'https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize?client_id=x';
      const hosts: Host[] = [
        { name: hostOf('first'), upstream: first },
        { name: hostOf('second'), upstream: second },
        { name: hostOf('without-pod'), upstream: undefined },
        { name: hostOf('walled'), upstream: first, login },
        ...fifty.map((name) => ({ name: hostOf(name), upstream: `http://127.0.0.1:${distant.port}` })),
      ];
      const nginx = await startNginx(hosts, authority.issue({ names: [`*.${zone}`] }));
      running.push(nginx);
      const dns = await nameServer(zoneOf(names));
      running.push(dns);
      const cluster = await startApiServer((namespace) =>
        clusterObjects(namespace, namespace === 'second' ? { chartVersion: '2.0.71' } : {}),
      );
      running.push(cluster);
      const world = nodeWorld({
        resolvers: [dns.address],
        timeoutMs: 20_000,
        authorities: [authority.pem],
        connectTo: { address: '127.0.0.1', port: nginx.port },
        environment: cluster.environment,
      });
      const reports = await verifyAll(['first', 'second', 'without-pod', 'walled', 'unknown'].map(targetOf), world);
      const failures = expectations.flatMap((expected) => judged(reports, expected));
      if (!json) for (const report of reports) console.log(`${reportLines(report).join('\n')}\n`);
      const speed = await fiftyAtOnce(world);
      if (speed.factor > 3)
        failures.push(wrong(`fifty servers took ${speed.factor.toFixed(1)} times what the slowest takes alone`));
      world.close();
      if (json) console.log(JSON.stringify({ expectations: expectations.length, speed }, null, 2));
      else
        console.log(
          `${many} servers at once: ${speed.togetherMs} ms; the slowest of three alone: ${speed.aloneMs} ms; ${speed.factor.toFixed(2)} times`,
        );
      if (failures.length > 0) throw new Problems(failures);
      if (!json) console.log(pc.green(`✓ ${expectations.length} expectations`));
      return 0;
    } finally {
      await Promise.all(running.map((part) => part.close()));
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

const fifty = Array.from({ length: many }, (_, index) => `server-${index}`);

/** What is to be found: at which server, at which step, and the state or the code. */
const expectations: readonly (readonly [server: string, step: StepName, found: string])[] = [
  ...(['resolve', 'cname', 'public', 'tls', 'health', 'closed', 'token', 'tools', 'mcp', 'mcp-2026'] as const).flatMap(
    (step) => [['first', step, 'passed'] as const, ['second', step, 'passed'] as const],
  ),
  ['first', 'sealed', 'passed'],
  ['first', 'release', 'passed'],
  ['first', 'pods', 'passed'],
  ['second', 'release', 'RELEASE-NOT-READY'],
  ['without-pod', 'health', 'HEALTH'],
  ['walled', 'health', 'LOGIN-WALL'],
  ['walled', 'mcp', 'LOGIN-WALL'],
  ['unknown', 'health', 'HEALTH'],
];

function judged(reports: readonly Report[], [server, step, wanted]: (typeof expectations)[number]): readonly Problem[] {
  const report = reports.find(({ target }) => target.name === server);
  const finding = report && findingOf(report, step);
  const found = finding === undefined ? 'not asked' : 'problem' in finding ? finding.problem.code : finding.state;
  const detail = finding !== undefined && 'problem' in finding ? `: ${finding.problem.message}` : '';
  return found === wanted ? [] : [wrong(`${server}, step ${step}: wanted ${wanted}, found ${found}${detail}`)];
}

/** How long each answer of the fifty takes, as from another region: what waiting for them one by one would cost. */
const distanceMs = 100;

/** Fifty servers side by side, beside the slowest of three that were asked alone before. */
async function fiftyAtOnce(world: ReturnType<typeof nodeWorld>) {
  const targets = fifty.map((name) => ({ ...targetOf(name), cluster: undefined, expectedTools: undefined }));
  const alone: number[] = [];
  for (const target of targets.slice(0, 3)) alone.push((await verify(target, world)).ms);
  const started = performance.now();
  const reports = await verifyAll(targets, world);
  const togetherMs = Math.round(performance.now() - started);
  const bad = reports.find(({ isGood }) => !isGood);
  if (bad !== undefined) throw wrong(`one of fifty is not good\n${reportLines(bad).join('\n')}`);
  const aloneMs = Math.round(Math.max(...alone));
  return { servers: many, togetherMs, aloneMs, factor: togetherMs / aloneMs };
}

function wrong(found: string): Problem {
  return new Problem('INTEROP-FAILED', `verify does not find what is there: ${found}`, {
    fix: 'compare the steps above with interop/verify/verify.command.ts',
  });
}

function workerOf(bundle: string, name: string) {
  const environment = { MCP_ALLOWED_HOSTS: hostOf(name), WORKER_TRUSTED_HOPS: '1' };
  return realWorker(bundle, secret, environment);
}

function hostOf(name: string): string {
  return `${name}.${zone}`;
}

function zoneOf(names: readonly string[]): Zone {
  const records = names.map((name) => [hostOf(name), { cname: `ingress.${zone}` }] as const);
  return { ...Object.fromEntries(records), [`ingress.${zone}`]: [publicAddress] };
}

function targetOf(name: string): Target {
  return {
    name,
    url: new URL(`https://${hostOf(name)}`),
    isInternal: false,
    cname: `ingress.${zone}`,
    expectedTools: ['Echo', 'Add', 'Whoami'],
    invoke: ['all'],
    secret: new Secret(Buffer.from(secret)),
    oldSecret: undefined,
    allowlist: allowlistFrom([]),
    cluster: clusterOf(name),
  };
}

const secret = 'a-secret-of-the-suite';
