import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { unconfirmedPlatform } from '../../testing/fixtures';
import { addition, addPlatform, addTool, emptyRepository } from '../../testing/repository-copy';
import type { Bench } from '../measure/bench';
import { type Contender, type Figure, figureNamed, measure, progress, wholeProcess } from '../measure/measure';
import type { Goal } from '../measure/report';
import { cdk8sProject } from './cdk8s-project';

/** Renders 1 to 3000 servers, and 1000 servers on three platforms. */
export const synth: Bench = {
  usage: "our synth beside the cdk8s CLI with its default template, and cdk8s' own file writing",
  async run({ rounds = 3 }) {
    const repositories = new Map([1, 100, 1000, 3000].map((servers) => [servers, repositoryOf(servers)]));
    const onThree = new Map([100, 1000].map((servers) => [servers, repositoryOf(servers, ['second', 'third'])]));
    try {
      const figures = await measure(contenders(repositories, onThree), rounds);
      const [one = '', three = ''] = [repositories, onThree].map((each) => each.get(1000));
      return { groups: [figures], goals: goalsOf(figures, peakMiB(one), peakMiB(three)) };
    } finally {
      for (const each of [repositories, onThree]) {
        for (const repository of each.values()) rmSync(repository, { recursive: true });
      }
    }
  },
};

const names = {
  node: 'an empty Node process',
  ours: (servers: number) => `synth, ${servers} server${servers === 1 ? '' : 's'}`,
  three: (servers: number) => `synth, ${servers} servers on 3 platforms`,
  cli: 'cdk8s CLI, default template, 1 server',
  own: "cdk8s' own file writing, 1000 servers",
};

const command = [process.execPath, 'cli/run.mjs', 'gitops/synth/synth.command.ts'];

/** @param others additional platforms on which every server runs */
function repositoryOf(servers: number, others: readonly string[] = []): string {
  const repository = emptyRepository();
  const [second, third] = others;
  if (second !== undefined) addPlatform(repository, second);
  if (third !== undefined) addPlatform(repository, third, 'other-cluster');
  const platforms = [unconfirmedPlatform.name, ...others];
  for (let index = 0; index < servers; index++) {
    if (index % 50 === 0) progress(`creating ${servers} servers: ${index}`);
    const name = `server-${String(index).padStart(5, '0')}`;
    addTool(repository, name, 'add', addition, platforms);
  }
  return repository;
}

function contenders(
  repositories: ReadonlyMap<number, string>,
  onThree: ReadonlyMap<number, string>,
): readonly Contender[] {
  const cleanRun = (title: string, cwd: string): Contender => {
    const { name, run } = wholeProcess(title, command, { cwd });
    const withoutDist = () => {
      rmSync(join(cwd, 'dist'), { recursive: true, force: true });
      return run();
    };
    return { name, run: withoutDist };
  };
  const ours = [...repositories].map(([servers, cwd]) => cleanRun(names.ours(servers), cwd));
  ours[0]?.run();
  const cdk8s = cdk8sProject(root, join(repositories.get(1) ?? '', 'dist', unconfirmedPlatform.gitops.repository));
  const env = { ...process.env, CDK8S_OUTDIR: 'build/own' };
  return [
    wholeProcess(names.node, [process.execPath, '-e', '0']),
    ...ours,
    ...[...onThree].map(([servers, cwd]) => cleanRun(names.three(servers), cwd)),
    wholeProcess(names.cli, [process.execPath, join(cdk8s, 'node_modules/.bin/cdk8s'), 'synth'], { cwd: cdk8s }),
    wholeProcess(names.own, [process.execPath, 'cli/run.mjs', 'bench/synth/own-writing.main.ts'], {
      cwd: repositories.get(1000) ?? '',
      env,
    }),
  ];
}

function goalsOf(figures: readonly Figure[], peak: number, peakOnThree: number): readonly Goal[] {
  const cpu = (name: string) => figureNamed(figures, name).cpuMs;
  const exponent = (few: string, many: string, times: number) => Math.log(cpu(many) / cpu(few)) / Math.log(times);
  const growth = exponent(names.ours(100), names.ours(3000), 30);
  const growthOnThree = exponent(names.three(100), names.three(1000), 10);
  return [
    {
      name: '1 server, CPU time relative to the cdk8s CLI',
      value: cpu(names.ours(1)) / cpu(names.cli),
      limit: { atMost: 1 / 8 },
    },
    {
      name: "1000 servers, CPU time relative to cdk8s' own file writing",
      value: cpu(names.ours(1000)) / cpu(names.own),
      limit: { atMost: 1 / 4 },
    },
    { name: 'growth of CPU time from 100 to 3000 servers, exponent', value: growth, limit: { atMost: 1.1 } },
    { name: '1000 servers, peak resident memory, MiB', value: peak, limit: { atMost: 200 } },
    { name: 'growth from 100 to 1000 servers on 3 platforms, exponent', value: growthOnThree, limit: { atMost: 1.1 } },
    { name: '1000 servers on 3 platforms, peak resident memory, MiB', value: peakOnThree, limit: { atMost: 350 } },
  ];
}

/** The peak resident memory of one run, printed by the process on exit. */
function peakMiB(repository: string): number {
  rmSync(join(repository, 'dist'), { recursive: true, force: true });
  const printPeak = `process.on('exit', () => console.error('\\npeak ' + process.resourceUsage().maxRSS))`;
  const preload = `data:text/javascript,${encodeURIComponent(printPeak)}`;
  const [program = '', ...args] = command;
  const { stderr } = spawnSync(program, ['--import', preload, ...args], { cwd: repository, encoding: 'utf8' });
  return Number(/^peak (\d+)$/m.exec(stderr)?.[1]) / 1024;
}
