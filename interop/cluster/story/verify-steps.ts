import { setTimeout as sleep } from 'node:timers/promises';
import { type StepName, stepNames } from '../../../gitops/verify/step';
import type { ServerName } from './sources';
import type { Story } from './story';

const inCluster = [
  ...(['sealed', 'release', 'pods', 'pods-secret', 'route', 'gateway', 'external', 'secret-keys'] as const),
] as const satisfies readonly StepName[];

/** What `verify --kubectl` says at a step: that it passed, or the problem. */
export interface Told {
  readonly state: string;
  readonly detail?: string;
  readonly problem?: { readonly code: string; readonly message: string; readonly fix: string };
}

/** What `npm run verify -- <server> --kubectl` says of the cluster, step by step. */
export async function look({ sources }: Story, name: ServerName): Promise<Readonly<Record<string, Told>>> {
  const others = stepNames.filter((step) => !inCluster.some((each) => each === step));
  const args = [name, '--kubectl', '--no-secret', '--json', '--skip', others.join()];
  const { stdout, stderr } = await sources.command('verify', args);
  if (stdout === '') throw new Error(stderr);
  // Written by reportJson of gitops/verify.
  const report: { servers: [{ steps: ({ name: string } & Told)[] }] } = JSON.parse(stdout);
  return Object.fromEntries(report.servers[0].steps.map((step) => [step.name, step]));
}

/** Looks until all is well. @throws Error after a minute, with what is not */
export async function allIsWell(story: Story, name: ServerName): Promise<readonly string[]> {
  const told = await lookUntil(story, name, (all) => all.every(({ state }) => state === 'passed'));
  return Object.keys(told);
}

/**
 * Looks until a step says this code, and this as its message.
 * @returns the problem @throws Error after a minute, with what is said instead
 */
export async function problemAt(
  story: Story,
  name: ServerName,
  step: (typeof inCluster)[number],
  code: string,
  wanted = /^/,
) {
  const told = await lookUntil(story, name, (_, steps) => {
    const { problem } = steps[step] ?? {};
    return problem?.code === code && wanted.test(problem.message);
  });
  const { problem, state } = told[step] ?? {};
  return { fix: '', ...problem, state };
}

async function lookUntil(
  story: Story,
  name: ServerName,
  isWanted: (all: readonly Told[], steps: Readonly<Record<string, Told>>) => boolean,
): Promise<Readonly<Record<string, Told>>> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const told = await look(story, name);
    if (isWanted(Object.values(told), told)) return told;
    if (performance.now() > deadline) throw new Error(`verify goes on to say ${JSON.stringify(told, null, 2)}`);
    await sleep(100);
  }
}

/** Runs the command of a fix, as a person copies it: it comes last, after a colon when there are words before. */
export async function follow({ cluster }: Story, fix: string): Promise<string> {
  const [, command] = /(?:^|: )((?:kubectl|flux) [^;]*)$/.exec(fix) ?? [];
  if (command === undefined) throw new Error(`there is no command in "${fix}"`);
  return cluster.shell(command);
}

/**
 * Lets the pods of a server start again. A kubelet starts none whose Secret is missing (CreateContainerConfigError); the
 * nodes of this cluster read no Secrets, so their pods may be older.
 */
export async function freshPods({ cluster }: Story, name: ServerName): Promise<void> {
  await cluster.succeeds(['delete', 'pods', '--all', '-n', name]);
  await cluster.succeeds(['rollout', 'status', 'deployment', '-n', name, '--timeout=60s']);
}
