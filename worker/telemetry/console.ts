import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';

/**
 * Redirects `console` output of tools and their packages to the log, because raw text between JSON lines would be lost. Call
 * it before loading any tool.
 */
export function redirectConsole(log: FastifyBaseLogger): void {
  globalThis.console = new Console(linesFor(log, 'info'), linesFor(log, 'warn'));
}

/** A stream for a console, which writes each message in one chunk with a trailing newline. */
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
 * Reserves standard output for a protocol: later writes to `process.stdout` go to standard error.
 * @returns the real standard output
 */
export function reserveStdout(): NodeJS.WriteStream {
  const { stdout } = process;
  Object.defineProperty(process, 'stdout', { value: process.stderr, configurable: true, enumerable: true });
  return stdout;
}
