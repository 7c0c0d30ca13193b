const pc = require('picocolors');

/** Prints each test when it ends, with its duration; for a failed one also the fix and the failure messages. */
module.exports = class Reporter {
  #lastReason;
  #hasRun = false;

  onTestFileStart({ path }) {
    print(`\n${pc.bold(path.split('/').slice(-2, -1).join())}`);
  }

  onTestCaseResult(_, { ancestorTitles, title, status, duration, failureMessages, failureDetails }) {
    const name = [...ancestorTitles, title].join(' › ');
    if (status === 'passed') return print(`${pc.green('✓')} ${name} ${pc.dim(`${duration ?? 0} ms`)}`);
    if (status !== 'failed') return undefined;
    print(`${pc.red('✗')} ${name}`);
    const fixes = failureDetails.flatMap(({ fix }) => (fix ? `fix  ${fix}` : []));
    const reason = [...fixes, ...failureMessages].join('\n');
    // A failure in `beforeAll` fails every test with the same messages: print them once.
    if (reason !== this.#lastReason) print(reason.replace(/^/gm, '    '));
    this.#lastReason = reason;
    return undefined;
  }

  onTestFileResult(_, { testExecError, perfStats }) {
    if (testExecError) print(pc.red(testExecError.stack ?? testExecError.message));
    print(pc.dim(`${((perfStats.end - perfStats.start) / 1000).toFixed(1)} s including setup`));
  }

  onRunComplete(_, { numPassedTests, numFailedTests }) {
    this.#hasRun = numPassedTests + numFailedTests > 0;
    if (!this.#hasRun) print(pc.red('No test ran: no test has this name'));
  }

  /** Makes Jest exit with 1 when no test ran. */
  getLastError() {
    return this.#hasRun ? undefined : new Error('no test ran');
  }
};

/** Prints to standard error: standard output is for --json. */
function print(text) {
  process.stderr.write(`${text}\n`);
}
