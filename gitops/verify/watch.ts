import { headLine, reportLines, runningLine, stepLines } from './report';
import type { Target } from './target';
import type { Report, VerifyOptions } from './verify';

/** A place to write lines to: a terminal, or a log. */
export interface LineOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** What a verification calls while it runs. */
type Watcher = Required<Pick<VerifyOptions, 'onStep' | 'onPause'>> & { onReport(report: Report): void };

/**
 * Shows a verification. On a terminal the lines are redrawn while it runs: every step of a single server, or one line for
 * each of several. A log gets each server whole when it is finished, and a line for each retry.
 */
export function watch(targets: readonly Target[], output: LineOutput): Watcher {
  const lines = new LiveLines(output);
  const running = new Map<string, readonly string[]>();
  const isSingle = targets.length === 1;
  const show = () => lines.show([...running.values()].flat());
  const done: string[] = [];
  return {
    onStep(target, step, result) {
      if (result !== undefined) done.push(...stepLines(result));
      const current = result === undefined ? [runningLine(step.title)] : [];
      const ofSingle = [headLine(target.name, target.url), ...done, ...current];
      running.set(target.name, isSingle ? ofSingle : [runningLine(`${target.name}: ${step.title}`)]);
      show();
    },
    onPause({ target, results }, pauseMs) {
      done.length = 0;
      const failed = results.filter(({ finding }) => finding.state === 'failed').map(({ step }) => step.title);
      const again = runningLine(`${target.name}: again in ${pauseMs / 1000} s, because of: ${failed.join(', ')}`);
      if (output.isTTY) running.set(target.name, [...(isSingle ? (running.get(target.name) ?? []) : []), again]);
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

/** Lines that stay, above lines that are redrawn. Off a terminal the second kind is not shown. */
export class LiveLines {
  readonly #output: LineOutput;
  #shown: readonly string[] = [];

  constructor(output: LineOutput) {
    this.#output = output;
  }

  /** Adds lines that stay. */
  print(lines: readonly string[]): void {
    const shown = this.#shown;
    this.show([]);
    this.#output.write(lines.map((line) => `${line}\n`).join(''));
    this.show(shown);
  }

  /** Redraws the lower lines, as many as fit on the screen. */
  show(lines: readonly string[]): void {
    if (this.#output.isTTY !== true) return;
    const { columns = 80, rows = 24 } = this.#output;
    const up = this.#shown.length === 0 ? '' : `\x1b[${this.#shown.length}A\r\x1b[J`;
    // A line that wraps would count as two and leave a rest on the screen; colour codes make the cut a little early.
    this.#shown = lines.slice(0, rows - 1).map((line) => line.slice(0, columns - 1));
    const text = this.#shown.map((line) => `${line}\x1b[0m\n`).join('');
    if (up !== '' || text !== '') this.#output.write(`${up}${text}`);
  }
}
