import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from '../../cli/root';
import { type Ending, endingOf } from '../../testing/processes/program';
import { type Contexts, evaluate, interpolate } from './expression';

const Texts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));
const Step = z.looseObject({
  id: z.string().optional(),
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  env: Texts.default({}),
  with: Texts.default({}),
});
const Job = z.looseObject({
  if: z.string().optional(),
  env: Texts.default({}),
  outputs: Texts.default({}),
  strategy: z.looseObject({ matrix: z.unknown() }).optional(),
  steps: z.array(Step),
});
const Workflow = z.looseObject({
  name: z.string(),
  env: Texts.default({}),
  defaults: z.object({ run: z.object({ shell: z.literal('bash') }) }),
  jobs: z.record(z.string(), Job),
});

/** The environment of a local runner: its folders, contexts and variables, and fakes for third-party actions. */
export interface Runner {
  readonly workspace: string;
  /** The value of `RUNNER_TEMP`. */
  readonly temp: string;
  readonly contexts: Contexts;
  /** The variables that every runner sets, and PATH. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Fakes of actions, by name without version. Each performs its effects and returns its outputs. */
  readonly actions: Readonly<
    Record<string, (inputs: Readonly<Record<string, string>>) => Readonly<Record<string, string>>>
  >;
  /** Scripts that are not run, because the fakes replace them. */
  readonly skipped: readonly string[];
}

/** The outcome of a job. */
export interface JobRun {
  readonly result: 'success' | 'failure' | 'skipped';
  readonly outputs: Readonly<Record<string, string>>;
  /** Everything that the steps printed. */
  readonly log: string;
}

/** Reads a workflow of this repository. @param file its name in `.github/workflows/` */
export function workflow(file: string): z.output<typeof Workflow> {
  return Workflow.parse(parse(readFileSync(join(root, '.github/workflows', file), 'utf8')));
}

/**
 * Runs one job as a GitHub runner does: each step's script in a separate bash, with the variables of workflow, job and
 * step. The first failing step ends the job.
 */
export async function runJob(file: string, name: string, runner: Runner): Promise<JobRun> {
  const { env: shared, jobs } = workflow(file);
  const job = jobs[name];
  if (job === undefined) throw new Error(`${file} has no job ${name}`);
  const { contexts, workspace, temp } = runner;
  if (job.if !== undefined && !evaluate(job.if, contexts)) return { result: 'skipped', outputs: {}, log: '' };
  const jobEnv = { ...textsIn(shared, contexts), ...textsIn(job.env, { ...contexts, env: textsIn(shared, contexts) }) };
  const steps: Record<string, { outputs: Readonly<Record<string, string>> }> = {};
  const log: string[] = [];
  mkdirSync(workspace, { recursive: true });
  mkdirSync(temp, { recursive: true });
  for (const step of job.steps) {
    const known = { ...contexts, steps, env: jobEnv };
    const done = await runStep(step, known, jobEnv, runner);
    log.push(done.stdout, done.stderr);
    if (step.id !== undefined) steps[step.id] = { outputs: done.outputs };
    if (done.code !== 0) return { result: 'failure', outputs: {}, log: log.join('\n') };
  }
  return { result: 'success', outputs: textsIn(job.outputs, { ...contexts, steps }), log: log.join('\n') };
}

/** The matrix combinations of a job: the entries of `include`, the only form that our workflows use. */
export function matrixOf(file: string, name: string, contexts: Contexts): readonly unknown[] {
  const matrix = workflow(file).jobs[name]?.strategy?.matrix;
  return z.object({ include: z.array(z.unknown()) }).parse(evaluate(String(matrix).slice(3, -2), contexts)).include;
}

async function runStep(
  step: z.output<typeof Step>,
  contexts: Contexts,
  jobEnv: Readonly<Record<string, string>>,
  { workspace, temp, env, actions, skipped }: Runner,
): Promise<Ending & { readonly outputs: Readonly<Record<string, string>> }> {
  const { uses, run = '' } = step;
  const silent = { code: 0, stdout: '', stderr: '' };
  if (uses !== undefined) {
    const action = actions[uses.replace(/@.*/, '')];
    if (action === undefined) throw new Error(`no fake for the action ${uses}`);
    return { ...silent, outputs: action(textsIn(step.with, contexts)) };
  }
  if (skipped.includes(run)) return { ...silent, outputs: {} };
  if (run.includes('${{')) throw new Error(`the script interpolates an expression: ${run}`);
  const [script, output] = [join(temp, 'script.sh'), join(temp, 'output')];
  writeFileSync(script, run);
  writeFileSync(output, '');
  const files = { GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: join(temp, 'summary.md'), RUNNER_TEMP: temp };
  const variables = { ...env, ...files, ...jobEnv, ...textsIn(step.env, contexts) };
  // As a GitHub runner starts it for `shell: bash`.
  const args = ['--noprofile', '--norc', '-eo', 'pipefail', script];
  const ending = await endingOf('bash', args, { cwd: workspace, env: variables });
  const lines = readFileSync(output, 'utf8').split('\n').filter(Boolean);
  const outputs = Object.fromEntries(lines.map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]));
  return { ...ending, outputs };
}

function textsIn(texts: Readonly<Record<string, string>>, contexts: Contexts): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, interpolate(text, contexts)]));
}
