import pLimit from 'p-limit';
import { Problem } from '../../model/problem';
import { isReleased, isUnsealed } from './cluster';
import { isClosed, isHealthy, isQuick } from './health';
import { invokesTools } from './invoke';
import { speaksHandshake, speaksModern } from './mcp';
import { isMonitored } from './monitoring';
import { hasCname, isPublic, resolves } from './names';
import type { World } from './node-world';
import { readsSecret, runsImage } from './pods';
import { isProgrammed, isRouted } from './routes';
import { type Facts, type Finding, failed, type Step, type StepName, skipped } from './step';
import { hasKeys, isFetched } from './stored';
import type { Target } from './target';
import { hasValidTls } from './tls';
import { refusesOldToken, takesToken } from './token';
import { hasExpectedTools } from './tools';

/** Every check of a deployed server, each after those it needs. */
const steps: readonly Step[] = [
  ...[resolves, hasCname, isPublic, hasValidTls, isHealthy, isClosed, takesToken, refusesOldToken, hasExpectedTools],
  ...[speaksHandshake, speaksModern, invokesTools, isQuick, isUnsealed, isFetched, hasKeys, isReleased],
  ...[runsImage, readsSecret, isRouted, isProgrammed, isMonitored],
];

/** The outcome of one step, and how long it took in milliseconds. */
export interface StepResult {
  readonly step: Step;
  readonly finding: Finding;
  readonly ms: number;
}

/** The result for one server. */
export interface Report {
  readonly target: Target;
  readonly results: readonly StepResult[];
  readonly facts: Facts;
  /** Nothing failed. */
  readonly isGood: boolean;
  readonly attempts: number;
  /** Duration of the last attempt, in milliseconds. */
  readonly ms: number;
}

export interface VerifyOptions {
  /** Steps to leave out. @default - none */
  readonly skip?: readonly StepName[];
  /** How long to retry, in milliseconds. @default - one attempt */
  readonly waitMs?: number;
  /** Called when a step is done. */
  readonly onStep?: (target: Target, result: StepResult) => void;
  /** Called before a retry. */
  readonly onPause?: (report: Report, pauseMs: number) => void;
  /** Called when a server is finished. */
  readonly onReport?: (report: Report) => void;
}

/** Runs every step against one server; retries with backoff while a step fails and time is left. */
export async function verify(target: Target, world: World, options: VerifyOptions = {}): Promise<Report> {
  const deadline = performance.now() + (options.waitMs ?? 0);
  for (let attempt = 1; ; attempt += 1) {
    const report = await attemptOf(target, world, options, attempt);
    const pauseMs = pauseBefore(attempt);
    if (report.isGood || performance.now() + pauseMs > deadline) {
      options.onReport?.(report);
      return report;
    }
    options.onPause?.(report, pauseMs);
    await world.sleep(pauseMs);
  }
}

/** The pause after an attempt in milliseconds: doubling from one second, never more than 15. */
export function pauseBefore(attempt: number): number {
  return Math.min(1000 * 2 ** (attempt - 1), 15_000);
}

/** How many servers to verify concurrently: fifty take as long as the slowest. */
const maxServers = 64;

/** Verifies servers concurrently. The reports are in the order of the targets. */
export function verifyAll(targets: readonly Target[], world: World, options: VerifyOptions = {}): Promise<Report[]> {
  const limit = pLimit(maxServers);
  return Promise.all(targets.map((target) => limit(verify, target, world, options)));
}

async function attemptOf(target: Target, world: World, options: VerifyOptions, attempts: number): Promise<Report> {
  const started = performance.now();
  const results: StepResult[] = [];
  let facts: Facts = {};
  for (const step of steps) {
    if (options.skip?.includes(step.name) || step.appliesTo?.(target) === false) continue;
    const begun = performance.now();
    const missing = missingFor(step, results, world);
    const finding = missing ? skipped(`needs "${missing.title}"`) : await findingOf(step, target, facts, world);
    const result = { step, finding, ms: performance.now() - begun };
    facts = { ...facts, ...finding.facts };
    results.push(result);
    options.onStep?.(target, result);
  }
  const isGood = results.every(({ finding }) => finding.state !== 'failed');
  return { target, results, facts, isGood, attempts, ms: performance.now() - started };
}

/** The first unmet need of a step; undefined when all are met. */
function missingFor({ needs = [] }: Step, before: readonly StepResult[], { routedTo }: World): Step | undefined {
  return before.find(({ step: { name }, finding }) => {
    // With --connect-to the name may not resolve yet.
    const isNeeded = needs.includes(name) && !(name === 'resolve' && routedTo !== undefined);
    return isNeeded && (finding.state === 'failed' || (finding.state === 'skipped' && finding.blocks));
  })?.step;
}

async function findingOf(step: Step, target: Target, facts: Facts, world: World): Promise<Finding> {
  try {
    return await step.run(target, facts, world);
  } catch (error) {
    // Failures of the outside world are Problems; anything else is a defect, which the command reports.
    if (error instanceof Problem) return failed(error);
    throw error;
  }
}
