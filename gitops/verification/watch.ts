import { type LineOutput, LiveLines } from './live';
import { countLine, headLine, reportLines, runningLine, stepLines } from './report';
import type { Target } from './target';
import type { Report, StepResult, VerifyOptions } from './verify';

/**
 * Shows a verification while it runs. One server: each step as it ends. Several: each server as it ends, and on a
 * terminal below that a line for each that is under way.
 */
export function watch(
  targets: readonly Target[],
  output: LineOutput,
): Required<Pick<VerifyOptions, 'onStep' | 'onPause'>> & { onReport(report: Report): void } {
  const lines = new LiveLines(output);
  const [only] = targets.length === 1 ? targets : [];
  const running = new Map<string, string>();
  const show = () => lines.show([...running.values()]);
  const isWhole = only === undefined;
  if (only !== undefined) lines.print([headLine(only.name, only.url)]);
  return {
    onStep({ name }, step, result?: StepResult) {
      running.set(name, isWhole ? `  … ${name}: ${step.title}` : runningLine(step.title));
      if (result !== undefined) running.delete(name);
      if (result !== undefined && !isWhole) lines.print(stepLines(result));
      show();
    },
    onPause({ target, results }, pauseMs) {
      const failed = results.filter(({ finding }) => finding.state === 'failed').map(({ step }) => step.title);
      const again = `again in ${pauseMs / 1000} s, because of: ${failed.join(', ')}`;
      if (isWhole) running.set(target.name, `  … ${target.name}: ${again}`);
      else lines.print([`  ${again}`]);
      show();
    },
    onReport(report) {
      running.delete(report.target.name);
      lines.print(isWhole ? reportLines(report) : [countLine(report)]);
      show();
    },
  };
}
