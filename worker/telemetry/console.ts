import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';

/**
 * From here on, what tools and their packages print with `console` becomes lines of the log: raw text between them would be
 * lost to whoever reads JSON. To be called before any tool is loaded.
 */
export function printIntoLog(log: FastifyBaseLogger): void {
  globalThis.console = new Console(linesFor(log, 'info'), linesFor(log, 'warn'));
}

/** A console writes each message as a whole, with the end of its line. */
function linesFor(log: FastifyBaseLogger, level: 'info' | 'warn'): Writable {
  return new Writable({
    decodeStrings: false,
    write(text, _encoding, done) {
      log[level]({ source: 'console' }, String(text).replace(/\n$/, ''));
      done();
    },
  });
}

/**
 * Keeps standard output for whoever gets it here, where it carries a protocol: what others write to `process.stdout` goes to
 * standard error.
 * @returns standard output
 */
export function takeStdout(): NodeJS.WriteStream {
  const { stdout } = process;
  Object.defineProperty(process, 'stdout', { value: process.stderr, configurable: true, enumerable: true });
  return stdout;
}
