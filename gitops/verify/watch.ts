import { type LineOutput, LiveLines } from './live';
import { headLine, reportLines, runningLine, stepLines } from './report';
import type { Target } from './target';
import type { Report, VerifyOptions } from './verify';

/** What a verification calls while it runs. */
type Watcher = Required<Pick<VerifyOptions, 'onStep' | 'onPause'>> & { onReport(report: Report): void };

/**
 * Shows a verification. On a terminal the lines are written anew while it runs: every step of one server, or a line for
 * each of several. What stays, and what a log gets, is the whole of a server as it ends, and that it is asked again.
 */
export function watch(targets: readonly Target[], output: LineOutput): Watcher {
  const lines = new LiveLines(output);
  const running = new Map<string, readonly string[]>();
  const isOne = targets.length === 1;
  const show = () => lines.show([...running.values()].flat());
  const done: string[] = [];
  return {
    onStep(target, step, result) {
      if (result !== undefined) done.push(...stepLines(result));
      const current = result === undefined ? [runningLine(step.title)] : [];
      const ofOne = [headLine(target.name, target.url), ...done, ...current];
      running.set(target.name, isOne ? ofOne : [runningLine(`${target.name}: ${step.title}`)]);
      show();
    },
    onPause({ target, results }, pauseMs) {
      done.length = 0;
      const failed = results.filter(({ finding }) => finding.state === 'failed').map(({ step }) => step.title);
      const again = runningLine(`${target.name}: again in ${pauseMs / 1000} s, because of: ${failed.join(', ')}`);
      if (output.isTTY) running.set(target.name, [...(isOne ? (running.get(target.name) ?? []) : []), again]);
      else lines.print([again]);
      show();
    },
    onReport(report) {
      running.delete(report.target.name);
      lines.print(reportLines(report));
      show();
    },
  };
}
