const pc = require('picocolors');

/** Tells each proof when it is done, with its time and, when it fails, why and what to do about it. */
module.exports = class Reporter {
  #lastReason;
  #hasProved = false;

  onTestFileStart({ path }) {
    tell(`\n${pc.bold(path.split('/').slice(-2, -1).join())}`);
  }

  onTestCaseResult(_, { ancestorTitles, title, status, duration, failureMessages, failureDetails }) {
    const name = [...ancestorTitles, title].join(' › ');
    if (status === 'passed') return tell(`${pc.green('✓')} ${name} ${pc.dim(`${duration ?? 0} ms`)}`);
    if (status !== 'failed') return undefined;
    tell(`${pc.red('✗')} ${name}`);
    const fixes = failureDetails.flatMap(({ fix }) => (fix ? `fix  ${fix}` : []));
    const reason = [...fixes, ...failureMessages].join('\n');
    // What fails before the first proof fails all of them, with the same words.
    if (reason !== this.#lastReason) tell(reason.replace(/^/gm, '    '));
    this.#lastReason = reason;
    return undefined;
  }

  onTestFileResult(_, { testExecError, perfStats }) {
    if (testExecError) tell(pc.red(testExecError.stack ?? testExecError.message));
    tell(pc.dim(`${((perfStats.end - perfStats.start) / 1000).toFixed(1)} s with preparations`));
  }

  onRunComplete(_, { numPassedTests, numFailedTests }) {
    this.#hasProved = numPassedTests + numFailedTests > 0;
    if (!this.#hasProved) tell(pc.red('Nothing was proved: no proof has this name'));
  }

  /** What makes Jest end with 1 beside a failed test. */
  getLastError() {
    return this.#hasProved ? undefined : new Error('nothing was proved');
  }
};

/** Standard output is for --json. */
function tell(text) {
  process.stderr.write(`${text}\n`);
}
