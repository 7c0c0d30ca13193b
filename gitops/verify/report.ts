import { colours } from '../../cli/colours';
import { printable } from '../../model/problem';
import type { Target } from './target';
import type { Report, StepResult, VerifyOptions } from './verify';

const titleWidth = 46;

/**
 * Prints a verification while it runs: a single server step by step, several servers as each finishes, and a line for
 * each retry.
 */
export function watch(targets: readonly Target[], print: (line: string) => void): Required<Watcher> {
  const printAll = (lines: readonly string[]) => lines.forEach((line) => void print(line));
  let isStepwise = targets.length === 1;
  if (isStepwise) printAll(targets.flatMap(headLines));
  return {
    onStep(_target, result) {
      if (isStepwise) printAll(stepLines(result));
    },
    onPause({ target, results }, pauseMs) {
      isStepwise = false;
      const failed = results.filter(({ finding }) => finding.state === 'failed').map(({ step }) => step.title);
      print(`  ${colours.cyan('…')} ${target.name}: retrying in ${pauseMs / 1000} s, failed: ${failed.join(', ')}`);
    },
    onReport(report) {
      if (!isStepwise) printAll([...headLines(report.target), ...report.results.flatMap(stepLines)]);
      print(countLine(report));
    },
  };
}

type Watcher = Pick<VerifyOptions, 'onStep' | 'onPause' | 'onReport'>;

/** The result for one server as `--json` prints it. */
export function reportJson({ target, results, isGood, attempts, ms }: Report) {
  return {
    name: target.name,
    url: shownUrl(target),
    secrets: target.stored?.kind,
    ok: isGood,
    attempts,
    ms: Math.round(ms),
    steps: results.map(({ step: { name, title }, finding, ms: stepMs }) => ({
      name,
      title,
      state: finding.state,
      ms: Math.round(stepMs),
      ...('detail' in finding && { detail: finding.detail }),
      ...('reason' in finding && { reason: finding.reason }),
      ...('problem' in finding && { problem: finding.problem }),
    })),
  };
}

function headLines(target: Target): readonly string[] {
  const about = target.stored === undefined ? [] : [`  ${colours.dim(target.stored.about)}`];
  return [`${colours.bold(target.name)}  ${colours.dim(shownUrl(target))}`, ...about];
}

/** The line of a step, and for a problem two more: the message and the fix. */
function stepLines({ step, finding, ms }: StepResult): readonly string[] {
  const line = (mark: string, time: string, text: string) =>
    `  ${mark} ${step.title.padEnd(titleWidth)} ${time.padStart(8)}  ${text}`.trimEnd();
  const time = `${Math.round(ms)} ms`;
  if (finding.state === 'passed') return [line(colours.green('✓'), time, printable(finding.detail))];
  if (finding.state === 'skipped') return [line(colours.dim('-'), '', colours.dim(printable(finding.reason)))];
  const [mark, paint] = finding.state === 'warned' ? (['!', colours.yellow] as const) : (['✗', colours.red] as const);
  const { code, message, fix } = finding.problem;
  return [line(paint(mark), time, paint(code)), `      ${message}`, `      ${colours.dim('next')}  ${fix}`];
}

/** The last line of a server: how many steps passed, failed and so on. */
function countLine({ results, isGood, ms, attempts }: Report): string {
  const counts = ['passed', 'warned', 'failed', 'skipped'].flatMap((state) => {
    const { length } = results.filter(({ finding }) => finding.state === state);
    return length === 0 ? [] : [`${length} ${state}`];
  });
  const tries = attempts === 1 ? '' : `, ${attempts} attempts`;
  const mark = isGood ? colours.green('✓ good') : colours.red('✗ not good');
  return `  ${mark}: ${counts.join(', ')}, ${(ms / 1000).toFixed(1)} s${tries}`;
}

function shownUrl({ url }: Target): string {
  return url.href.replace(/\/$/, '');
}
