import { Problem } from '../../model/problem';
import { type Facts, type Finding, type Step, type StepName, skipped } from './step';
import { steps } from './steps';
import type { Target } from './target';
import { pauseBefore } from './wait';
import type { World } from './world';

/** How one step went, and how long it took in milliseconds. */
export interface StepResult {
  readonly step: Step;
  readonly finding: Finding;
  readonly ms: number;
}

/** How one server is. */
export interface Report {
  readonly target: Target;
  readonly results: readonly StepResult[];
  readonly facts: Facts;
  /** Nothing failed. */
  readonly isGood: boolean;
  readonly attempts: number;
  /** From the first question of the last attempt to its last answer, in milliseconds. */
  readonly ms: number;
}

export interface VerifyOptions {
  /** Steps to leave out. @default - none */
  readonly skip?: readonly StepName[];
  /** How long to go on trying, in milliseconds. @default - one attempt */
  readonly waitMs?: number;
  /** Called when a step starts, and again when it is done. */
  readonly onStep?: (target: Target, step: Step, result?: StepResult) => void;
  /** Called before an attempt is made again. */
  readonly onPause?: (report: Report, pauseMs: number) => void;
}

/** Asks one server everything, again and again while something fails and there is time left. */
export async function verify(target: Target, world: World, options: VerifyOptions = {}): Promise<Report> {
  const deadline = performance.now() + (options.waitMs ?? 0);
  for (let attempt = 1; ; attempt += 1) {
    const report = await attemptOf(target, world, options, attempt);
    const pauseMs = pauseBefore(attempt);
    if (report.isGood || performance.now() + pauseMs > deadline) return report;
    options.onPause?.(report, pauseMs);
    await world.sleep(pauseMs);
  }
}

/** How many servers are asked at the same time: enough that fifty wait for the slowest alone, and bounded. */
const atOnce = 64;

/** Verifies servers side by side. The reports come in the order of the targets. */
export async function verifyAll(
  targets: readonly Target[],
  world: World,
  options: VerifyOptions & { readonly onReport?: (report: Report) => void } = {},
): Promise<readonly Report[]> {
  const reports: Report[] = [];
  const queue = targets.entries();
  const lane = async () => {
    for (const [index, target] of queue) {
      const report = await verify(target, world, options);
      reports[index] = report;
      options.onReport?.(report);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, targets.length) }, lane));
  return reports;
}

async function attemptOf(
  target: Target,
  world: World,
  { skip = [], onStep }: VerifyOptions,
  attempts: number,
): Promise<Report> {
  const started = performance.now();
  const results: StepResult[] = [];
  let facts: Facts = {};
  for (const step of steps.filter(({ appliesTo }) => appliesTo?.(target) ?? true)) {
    if (skip.includes(step.name)) continue;
    onStep?.(target, step);
    const begun = performance.now();
    const finding = await findingOf(step, target, facts, world, results);
    const result = { step, finding, ms: performance.now() - begun };
    facts = { ...facts, ...finding.facts };
    results.push(result);
    onStep?.(target, step, result);
  }
  const isGood = results.every(({ finding }) => finding.state !== 'failed');
  return { target, results, facts, isGood, attempts, ms: performance.now() - started };
}

async function findingOf(
  step: Step,
  target: Target,
  facts: Facts,
  world: World,
  before: readonly StepResult[],
): Promise<Finding> {
  // The server is reached without its name then, as before a record is changed.
  const needs = world.routedTo === undefined ? step.needs : step.needs.filter((name) => name !== 'resolve');
  const missing = before.find(
    ({ step: { name }, finding: { state } }) => needs.includes(name) && (state === 'failed' || state === 'skipped'),
  );
  if (missing !== undefined) return skipped(`waits for "${missing.step.title}"`);
  try {
    return await step.run(target, facts, world);
  } catch (error) {
    // Connections and answers become problems where they are made; anything else is a defect, told at the edge.
    if (error instanceof Problem) return { state: 'failed', problem: error };
    throw error;
  }
}
