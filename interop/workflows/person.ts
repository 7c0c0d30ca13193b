import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { endingOf } from '../../testing/processes/program';
import type { Project } from '../../testing/temp-repository';
import { type Company, repositories } from './company';

type PersonsCommand = readonly ['bump' | 'rollback', ...string[]];

/** What somebody does in a checkout of main, and brings to main. @throws Error when the command fails */
export function byAPerson(company: Company, sources: Project, [command, ...args]: PersonsCommand): void {
  atMain(company, sources);
  const { status, stderr } = sources.run(command, ...args);
  if (status !== 0) throw new Error(stderr);
  sources.git('push', '--quiet', bare(company, 'servers'), 'HEAD:main');
}

/** Merges every open pull request of a repository. @returns what they were called, and their branches */
export function merged(company: Company, name: keyof typeof repositories): readonly string[] {
  return company.open(name).map((pull) => {
    company[name].merge(pull.head);
    pull.state = 'closed';
    return `${pull.title} to ${pull.head}`;
  });
}

/** How everything stands: a line a server and platform, and whether somebody has to act. */
export interface Standing {
  readonly status: number | null;
  /** `<server> on <platform>: <declared> <rendered> <delivered> <running> <next> …`, with the tags of the images. */
  readonly lines: readonly string[];
}

/**
 * What `npm run status` says to somebody who has pulled all three repositories.
 * @param flags how the servers are asked
 * @throws Error when it says nothing
 */
export async function standing(company: Company, sources: Project, flags: readonly string[]): Promise<Standing> {
  atMain(company, sources);
  const checkouts = mkdtempSync(join(tmpdir(), 'status-'));
  const [fleet, dns] = (['fleet', 'dns'] as const).map((name) => {
    sources.git('clone', '--quiet', '--branch', 'main', bare(company, name), join(checkouts, name));
    return join(checkouts, name);
  });
  const program = [join(sources.root, 'cli/run.mjs'), 'gitops/status/status.command.ts'];
  const args = [...program, '--json', '--to', fleet ?? '', '--dns-to', dns ?? '', ...flags];
  // Beside this process, which answers for the cluster.
  const { code: status, stdout } = await endingOf(process.execPath, args, { cwd: sources.root });
  const { servers } = Standings.parse(JSON.parse(stdout));
  const lines = servers.map(({ server, platform, declared, rendered, delivered, running, next }) => {
    const states = [tagOf(declared.image), rendered.state, tagOf(delivered.image ?? ''), running.state];
    return `${server} on ${platform}: ${[...states, ...next.map(({ word }) => word)].join(' ')}`;
  });
  return { status, lines };
}

const Standings = z.object({
  servers: z.array(
    z.object({
      server: z.string(),
      platform: z.string(),
      declared: z.object({ image: z.string() }),
      rendered: z.object({ state: z.string() }),
      delivered: z.object({ image: z.string().optional() }),
      running: z.object({ state: z.string() }),
      next: z.array(z.object({ word: z.string() })),
    }),
  ),
});

function tagOf(image: string): string {
  return /:([\w.]+)(@|$)/.exec(image)?.[1] ?? 'nothing';
}

function atMain(company: Company, sources: Project): void {
  sources.git('fetch', '--quiet', bare(company, 'servers'), 'main');
  sources.git('checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD');
}

function bare({ folder }: Company, name: keyof typeof repositories): string {
  return join(folder, `${repositories[name]}.git`);
}
