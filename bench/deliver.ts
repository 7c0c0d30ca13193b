import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unconfirmedPlatform } from '../testing/fixtures';
import { addServer, emptyRepository } from '../testing/repository-copy';
import { confirmed, type Repository, repository } from '../testing/temp-repository';
import type { Bench } from './measure/bench';
import { type Contender, figureNamed, measure, wholeProcess } from './measure/measure';
import type { Goal } from './measure/report';

/** Delivers into a large checkout. */
export const deliver: Bench = {
  usage: 'delivering into a checkout with 10 000 files of others, beside git status there',
  async run({ rounds = 5, servers = 1000 }) {
    const source = sourceOf(servers);
    const [untouched, delivered, written] = [checkout(), checkout(), checkout()];
    const command = [process.execPath, 'cli/run.mjs', 'gitops/deliver/deliver.command.ts', '--to'];
    // Exit code 2 means differences, which are expected here.
    const dryRun = ['sh', '-c', '"$@"; test $? = 2', 'sh', ...command];
    try {
      wholeProcess('synth', [process.execPath, 'cli/run.mjs', 'gitops/synth/synth.command.ts'], { cwd: source }).run();
      wholeProcess('write', [...command, delivered.root, '--write'], { cwd: source }).run();
      delivered.commit();
      const write = wholeProcess(names.write, [...command, written.root, '--write'], { cwd: source });
      const figures = await measure(
        [
          wholeProcess(names.status, ['git', 'status'], { cwd: untouched.root }),
          wholeProcess(names.show, [...dryRun, untouched.root], { cwd: source }),
          wholeProcess(names.none, [...command, delivered.root], { cwd: source }),
          { name: names.write, run: () => cleanWrite(written, write) },
        ],
        rounds,
      );
      return { groups: [figures], goals: goalsOf((name) => figureNamed(figures, name).wallMs) };
    } finally {
      for (const folder of [source, untouched.root, delivered.root, written.root]) rmSync(folder, { recursive: true });
    }
  },
};

/** Removes the previous files first, so that each round writes everything. */
function cleanWrite({ git }: Repository, write: Contender): ReturnType<Contender['run']> {
  git('clean', '-fdq');
  return write.run();
}

const names = {
  status: 'git status',
  show: 'deliver, everything new, dry run',
  none: 'deliver, nothing to do',
  write: 'deliver, everything new, written',
};

function goalsOf(wall: (name: string) => number): readonly Goal[] {
  return [names.show, names.none].map((name) => ({
    name: `${name}: relative to git status`,
    value: wall(name) / wall(names.status),
    limit: { atMost: 10 },
  }));
}

/** A copy of this project with the given number of servers. */
function sourceOf(servers: number): string {
  const source = emptyRepository();
  for (let index = 0; index < servers; index++) addServer(source, `server-${String(index).padStart(5, '0')}`);
  const platform = join(source, unconfirmedPlatform.source);
  writeFileSync(platform, confirmed(readFileSync(platform, 'utf8')));
  return source;
}

function checkout(): Repository {
  const manifest = (index: number) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c${index}\ndata:\n  a: b\n`;
  const files = Array.from({ length: 10_000 }, (_, index) => {
    const folder = `apps/team-${index % 50}/app-${Math.floor(index / 4)}`;
    return [`${folder}/file-${index % 4}.yaml`, manifest(index)] as const;
  });
  return repository(Object.fromEntries(files));
}
