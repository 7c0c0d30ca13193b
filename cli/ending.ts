import { constants } from 'node:os';
import { systemCode } from '../model/system-error';

/**
 * Ends this process quietly when its reader has gone (`| head`) or a person presses Ctrl-C. Temporary folders are removed, and
 * what is being written is finished first. To a shell the exit code is 130 for Ctrl-C, and 141 for a reader that has gone,
 * unless the command has already failed.
 * @param report shows an error of an output that still has a reader, such as a full disk
 */
export function endQuietly(report: (error: Error) => void): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      // A worker or another server in this process stops in its own way.
      if (process.listenerCount(signal) > 0) return;
      // Ends by the signal itself, after everything that waits for the exit: a shell then stops its script as well.
      process.once('exit', () => process.kill(process.pid, signal));
      process.exit(128 + constants.signals[signal]);
    });
  }
  process.stdout.on('error', (error) => {
    if (process.stdout.listenerCount('error') > 1) return;
    if (systemCode(error) === 'EPIPE') process.exit(process.exitCode || 128 + constants.signals.SIGPIPE);
    report(error);
    process.exit(process.exitCode || 1);
  });
  process.stderr.on('error', () => process.exit(process.exitCode || 1));
}

/** Waits for signals that arrived while a program ran: its failure is then the person's Ctrl-C, and not to be reported. */
export async function pendingSignals(): Promise<void> {
  // A signal is noticed where the event loop polls, which is once in every whole turn of it.
  for (const _turn of [1, 2]) await new Promise(setImmediate);
}
