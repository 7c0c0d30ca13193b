import { setTimeout as sleep } from 'node:timers/promises';
import { type StepName, stepNames } from '../../../gitops/verify/step';
import type { ServerName } from './sources';
import type { Story } from './story';

const inCluster = [
  ...(['sealed', 'release', 'pods', 'pods-secret', 'route', 'gateway', 'external', 'secret-keys'] as const),
] as const satisfies readonly StepName[];

/** The result of a step of `verify --kubectl`. */
export interface StepReport {
  readonly state: string;
  readonly detail?: string;
  readonly problem?: { readonly code: string; readonly message: string; readonly fix: string };
}

/** Runs the steps of `npm run verify -- <server> --kubectl` that read the cluster. @returns their results by name */
async function verifyCluster({ sources }: Story, name: ServerName): Promise<Readonly<Record<string, StepReport>>> {
  const others = stepNames.filter((step) => !inCluster.some((each) => each === step));
  const args = [name, '--kubectl', '--no-secret', '--json', '--skip', others.join()];
  const { stdout, stderr } = await sources.command('verify', args);
  if (stdout === '') throw new Error(stderr);
  // reportJson of gitops/verify writes it.
  const report: { servers: [{ steps: ({ name: string } & StepReport)[] }] } = JSON.parse(stdout);
  return Object.fromEntries(report.servers[0].steps.map((step) => [step.name, step]));
}

/** Repeats verify until every step passes. @returns the names of the steps @throws Error after a minute, with all results */
export async function allPass(story: Story, name: ServerName): Promise<readonly string[]> {
  return Object.keys(await verifyUntil(story, name, (all) => all.every(({ state }) => state === 'passed')));
}

/**
 * Repeats verify until a step reports a code.
 * @param wanted a pattern of the message. @default - any message
 * @returns the problem and the state of the step @throws Error after a minute, with all results
 */
export async function problemAt(
  story: Story,
  name: ServerName,
  step: (typeof inCluster)[number],
  code: string,
  wanted = /^/,
) {
  const reports = await verifyUntil(story, name, (_, steps) => {
    const { problem } = steps[step] ?? {};
    return problem?.code === code && wanted.test(problem.message);
  });
  const { problem, state } = reports[step] ?? {};
  return { fix: '', ...problem, state };
}

async function verifyUntil(
  story: Story,
  name: ServerName,
  isWanted: (all: readonly StepReport[], steps: Readonly<Record<string, StepReport>>) => boolean,
): Promise<Readonly<Record<string, StepReport>>> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const steps = await verifyCluster(story, name);
    if (isWanted(Object.values(steps), steps)) return steps;
    if (performance.now() > deadline) throw new Error(`verify still reports ${JSON.stringify(steps, null, 2)}`);
    await sleep(100);
  }
}

/** Runs the command at the end of a fix, which follows a colon or is the whole fix. @returns its standard output */
export async function runFix({ cluster }: Story, fix: string): Promise<string> {
  const [, command] = /(?:^|: )((?:kubectl|flux) [^;]*)$/.exec(fix) ?? [];
  if (command === undefined) throw new Error(`the fix "${fix}" ends in no command`);
  return cluster.shell(command);
}

/**
 * Deletes the pods of a server and waits for new ones. kwok starts pods before their Secret exists; a kubelet would not
 * (CreateContainerConfigError). So their pods may be older than the Secret.
 */
export async function recreatePods({ cluster }: Story, name: ServerName): Promise<void> {
  await cluster.succeeds(['delete', 'pods', '--all', '-n', name]);
  await cluster.succeeds(['rollout', 'status', 'deployment', '-n', name, '--timeout=60s']);
}
