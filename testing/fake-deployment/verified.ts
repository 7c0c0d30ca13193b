import type { Finding, StepName } from '../../gitops/verify/step';
import { type Report, verify } from '../../gitops/verify/verify';
import { type Changes, deployment } from './deployment';

/** Starts a fake deployment, verifies it once, and stops it. */
export async function verified(changes: Changes = {}): Promise<Report> {
  const running = await deployment(changes);
  try {
    return await verify(running.target, running.world);
  } finally {
    await running.close();
  }
}

/** The finding of a step; undefined if it did not run. */
export function findingOf({ results }: Report, name: StepName): Finding | undefined {
  return results.find(({ step }) => step.name === name)?.finding;
}

/** The problem that a step reported, and whether the report is good anyway. */
export function problemAt(report: Report, name: StepName) {
  const finding = findingOf(report, name);
  if (finding === undefined || !('problem' in finding)) return { finding };
  const { code, message, fix } = finding.problem;
  return { code, message, hasFix: fix !== '', isGood: report.isGood };
}
