import pc from 'picocolors';
import { printable } from '../../model/problem';
import type { Report, StepResult } from './verify';

const titleWidth = 46;

/** One server as lines for a person: its name, a line per step, what to do where one failed. */
export function reportLines(report: Report): readonly string[] {
  return [headLine(report.target.name, report.target.url), ...report.results.flatMap(stepLines), countLine(report)];
}

export function headLine(name: string, url: URL): string {
  return `${pc.bold(name)}  ${pc.dim(url.href.replace(/\/$/, ''))}`;
}

/** The line of a step; two more with the cause and the next command when it found a problem. */
export function stepLines({ step, finding, ms }: StepResult): readonly string[] {
  const line = (mark: string, text: string) =>
    `  ${mark} ${step.title.padEnd(titleWidth)} ${finding.state === 'skipped' ? '       ' : `${String(Math.round(ms)).padStart(5)} ms`.slice(0, 8)}  ${text}`.trimEnd();
  switch (finding.state) {
    case 'passed':
      return [line(pc.green('✓'), printable(finding.detail))];
    case 'skipped':
      return [line(pc.dim('-'), pc.dim(printable(finding.reason)))];
    case 'warned':
      return [line(pc.yellow('!'), pc.yellow(finding.problem.code)), ...explained(finding.problem)];
    case 'failed':
      return [line(pc.red('✗'), pc.red(finding.problem.code)), ...explained(finding.problem)];
  }
}

/** The line on a terminal while a step runs. */
export function runningLine(title: string): string {
  return `  ${pc.cyan('…')} ${title}`;
}

/** The last line of a server: how many steps passed, failed and so on. */
export function countLine({ results, isGood, ms, attempts }: Report): string {
  const counts = (['passed', 'warned', 'failed', 'skipped'] as const)
    .map((state) => [results.filter(({ finding }) => finding.state === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`);
  const tries = attempts === 1 ? '' : `, ${attempts} attempts`;
  const mark = isGood ? pc.green('✓ good') : pc.red('✗ not good');
  return `  ${mark}: ${counts.join(', ')}, ${(ms / 1000).toFixed(1)} s${tries}`;
}

/** One server, for machines. */
export function reportJson({ target, results, isGood, attempts, ms }: Report) {
  return {
    name: target.name,
    url: target.url.href.replace(/\/$/, ''),
    ok: isGood,
    attempts,
    ms: Math.round(ms),
    steps: results.map(({ step: { name, title }, finding, ms: stepMs }) => ({
      name,
      title,
      state: finding.state,
      ms: Math.round(stepMs),
      ...('detail' in finding ? { detail: finding.detail } : {}),
      ...('reason' in finding ? { reason: finding.reason } : {}),
      ...('problem' in finding ? { problem: finding.problem } : {}),
    })),
  };
}

function explained({ message, fix }: { readonly message: string; readonly fix: string }): readonly string[] {
  return [`      ${message}`, `      ${pc.dim('next')}  ${fix}`];
}
