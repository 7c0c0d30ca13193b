import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pc from 'picocolors';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { table } from '../../cli/table';
import { platform } from '../../servers/platform';
import { addServer, emptyRepository } from '../../testing/repository';
import { median, type ProcessCost, processCost } from '../process-cost';
import { cdk8sProject } from './cdk8s-project';

runCommand({
  usage: 'npm run bench -- synth [--rounds 5] [--json]    our synth beside the cdk8s CLI and the floor, in turns',
  options: { rounds: { type: 'string', default: '5' } },
  run({ rounds, json }) {
    const repositories = new Map([1, 100, 1000, 3000].map((servers) => [servers, repositoryOf(servers)]));
    try {
      const measured = measure(variants(repositories), Number(rounds));
      const results = targets(measured);
      console.log(
        json
          ? JSON.stringify({ measured: Object.fromEntries(measured), targets: results }, null, 2)
          : report(measured, results),
      );
      return results.every(({ isMet }) => isMet) ? 0 : 1;
    } finally {
      for (const repository of repositories.values()) rmSync(repository, { recursive: true });
    }
  },
});

function repositoryOf(servers: number): string {
  const repository = emptyRepository();
  for (let index = 0; index < servers; index++) addServer(repository, `server-${String(index).padStart(5, '0')}`);
  return repository;
}

/** One way to do the work, made ready again before each run: everything is written anew. */
interface Variant {
  readonly run: () => ProcessCost;
  /** Slow and steady ones are measured less often. @default - in every round */
  readonly rounds?: number;
}

function variants(repositories: ReadonlyMap<number, string>): ReadonlyMap<string, Variant> {
  const at = (servers: number) => repositories.get(servers) ?? '';
  const ours = (servers: number) => () => {
    rmSync(join(at(servers), 'dist'), { recursive: true, force: true });
    return processCost([process.execPath, 'cli/run.mjs', 'gitops/synth/synth.command.ts'], at(servers));
  };
  ours(1)();
  const cdk8s = cdk8sProject(root, join(at(1), 'dist', platform.gitops.repository));
  const cli = join(cdk8s, 'node_modules/.bin/cdk8s');
  return new Map<string, Variant>([
    ['an empty Node process', { run: () => processCost([process.execPath, '-e', '0'], root) }],
    ['ours, 1 server', { run: ours(1) }],
    [
      'cdk8s CLI, default template, 1 server',
      { run: () => processCost([process.execPath, cli, 'synth'], cdk8s), rounds: 3 },
    ],
    ['ours, 100 servers', { run: ours(100) }],
    ['ours, 1000 servers', { run: ours(1000) }],
    [
      "cdk8s' own writing, 1000 servers",
      {
        run: () =>
          processCost([process.execPath, 'cli/run.mjs', 'bench/synth/own-writing.main.ts'], at(1000), {
            CDK8S_OUTDIR: 'build/own',
          }),
        rounds: 1,
      },
    ],
    ['ours, 3000 servers', { run: ours(3000), rounds: 3 }],
  ]);
}

/** Each variant in turn, round after round, so that a change in the machine's pace meets all of them; then medians. */
function measure(all: ReadonlyMap<string, Variant>, rounds: number): ReadonlyMap<string, ProcessCost> {
  const costs = new Map<string, ProcessCost[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const [name, variant] of all) {
      if (round > (variant.rounds ?? rounds)) continue;
      if (process.stderr.isTTY) process.stderr.write(`\rround ${round} of ${rounds}: ${name}\x1b[K`);
      costs.set(name, [...(costs.get(name) ?? []), variant.run()]);
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const middle = (runs: readonly ProcessCost[], part: keyof ProcessCost) => median(runs.map((run) => run[part]));
  return new Map(
    [...costs].map(([name, runs]) => [
      name,
      { wallMs: middle(runs, 'wallMs'), cpuMs: middle(runs, 'cpuMs'), peakMiB: middle(runs, 'peakMiB') },
    ]),
  );
}

interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly isMet: boolean;
}

function targets(measured: ReadonlyMap<string, ProcessCost>): readonly Target[] {
  const cpu = (name: string) => measured.get(name)?.cpuMs ?? Number.NaN;
  const atMost = (what: string, found: number, limit: number, unit = ''): Target => ({
    what,
    wanted: `<= ${limit}${unit}`,
    found: `${found.toFixed(3)}${unit}`,
    isMet: found <= limit,
  });
  const one = cpu('ours, 1 server');
  const growth = Math.log(cpu('ours, 3000 servers') / cpu('ours, 100 servers')) / Math.log(30);
  return [
    atMost('1 server: CPU time of the cdk8s CLI', one / cpu('cdk8s CLI, default template, 1 server'), 1 / 8),
    atMost(
      "1000 servers: CPU time of cdk8s' own writing",
      cpu('ours, 1000 servers') / cpu("cdk8s' own writing, 1000 servers"),
      1 / 4,
    ),
    atMost('growth from 100 to 3000 servers, exponent', growth, 1.1),
    atMost('1000 servers: peak memory', measured.get('ours, 1000 servers')?.peakMiB ?? Number.NaN, 200, ' MiB'),
  ];
}

function report(measured: ReadonlyMap<string, ProcessCost>, results: readonly Target[]): string {
  const floor = measured.get('an empty Node process')?.cpuMs ?? Number.NaN;
  const costs = [...measured].map(([name, { wallMs, cpuMs, peakMiB }]) => [
    name,
    `${wallMs.toFixed(0)} ms`,
    `${cpuMs.toFixed(0)} ms`,
    `${(cpuMs / floor).toFixed(1)}`,
    `${peakMiB.toFixed(0)} MiB`,
  ]);
  const rows = results.map(({ what, wanted, found, isMet }) => [
    what,
    wanted,
    found,
    isMet ? pc.green('met') : pc.red('missed'),
  ]);
  return [
    table(['variant', 'wall', 'CPU', 'x floor', 'peak'], costs),
    table(['target', 'wanted', 'found', ''], rows),
  ].join('\n\n');
}
