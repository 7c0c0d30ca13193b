import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { endingOf } from '../../testing/processes/program';
import type { Project } from '../../testing/temp-repository';
import { type Company, repositories } from './company';

type UserCommand = readonly ['bump' | 'rollback', ...string[]];

/** Runs a command in a checkout of main, as a user would, and pushes the result to main. @throws Error when it fails */
export function runByUser(company: Company, sources: Project, [command, ...args]: UserCommand): void {
  atMain(company, sources);
  const { status, stderr } = sources.run(command, ...args);
  if (status !== 0) throw new Error(stderr);
  sources.git('push', '--quiet', bare(company, 'servers'), 'HEAD:main');
}

/** Merges every open pull request of a repository. @returns their titles and branches */
export function mergeAll(company: Company, name: keyof typeof repositories): readonly string[] {
  return company.open(name).map((pull) => {
    company[name].merge(pull.head);
    pull.state = 'closed';
    return `${pull.title} to ${pull.head}`;
  });
}

/** The output of `npm run status`. */
export interface StatusReport {
  /** The exit code: 1 when action is required. */
  readonly status: number | null;
  /** One per server and platform: `<server> on <platform>: <declared tag> <rendered> <delivered tag> <running> <next> …`. */
  readonly lines: readonly string[];
}

/**
 * Runs `npm run status` with fresh checkouts of all three repositories.
 * @param flags how to reach the servers
 * @throws Error when it prints no report
 */
export async function statusOf(company: Company, sources: Project, flags: readonly string[]): Promise<StatusReport> {
  atMain(company, sources);
  const checkouts = mkdtempSync(join(tmpdir(), 'status-'));
  const [fleet, dns] = (['fleet', 'dns'] as const).map((name) => {
    sources.git('clone', '--quiet', '--branch', 'main', bare(company, name), join(checkouts, name));
    return join(checkouts, name);
  });
  const program = [join(sources.root, 'cli/run.mjs'), 'gitops/status/status.command.ts'];
  const args = [...program, '--json', '--to', fleet ?? '', '--dns-to', dns ?? '', ...flags];
  // Asynchronously, because this process also serves the cluster.
  const { code: status, stdout } = await endingOf(process.execPath, args, { cwd: sources.root });
  const { servers } = Report.parse(JSON.parse(stdout));
  const lines = servers.map(({ server, platform, declared, rendered, delivered, running, next }) => {
    const states = [tagOf(declared.image), rendered.state, tagOf(delivered.image ?? ''), running.state];
    return `${server} on ${platform}: ${[...states, ...next.map(({ word }) => word)].join(' ')}`;
  });
  return { status, lines };
}

const Report = z.object({
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
