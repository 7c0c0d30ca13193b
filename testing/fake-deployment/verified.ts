import type { Finding, StepName } from '../../gitops/verify/step';
import { type Report, verify } from '../../gitops/verify/verify';
import { type Changes, deployment } from './deployment';

/** Verifies a fake deployment once, and takes it down. */
export async function verified(changes: Changes = {}): Promise<Report> {
  const made = await deployment(changes);
  try {
    return await verify(made.target, made.world);
  } finally {
    await made.close();
  }
}

/** What a step found; undefined when it did not run. */
export function findingOf({ results }: Report, name: StepName): Finding | undefined {
  return results.find(({ step }) => step.name === name)?.finding;
}

/** The problem a step reported, and whether the server is good in spite of it. */
export function problemAt(report: Report, name: StepName) {
  const finding = findingOf(report, name);
  if (finding === undefined || !('problem' in finding)) return { finding };
  const { code, message, fix } = finding.problem;
  return { code, message, hasFix: fix !== '', isGood: report.isGood };
}
