import pino, { type Logger } from 'pino';
import type { Config } from '../config/config';

/** What must not be in a log, even when an object that holds it is logged. */
const redacted = ['authorization', 'cookie', 'token', 'secret', 'secrets', 'inputs', 'arguments', 'headers'];

/**
 * Lines are written this many bytes at a time, or once a second: a write for each would cost as much as a call. Not more
 * bytes, because each line makes sonic-boom 4.2 count all that it holds.
 */
const blockBytes = 4 * 1024;
const flushEveryMs = 1000;

/** Lines that cannot be written are held up to this size and then dropped. */
const heldAtMostBytes = 4 * 1024 * 1024;

/**
 * The program's logger: one JSON object a line, on standard output, or on standard error where MCP over stdio has
 * taken the first. A full disk or a closed pipe loses lines, never calls.
 */
export function createLogger({ logLevel, transport }: Pick<Config, 'logLevel' | 'transport'>): Logger {
  const destination = pino.destination({
    dest: transport === 'stdio' ? 2 : 1,
    sync: false,
    minLength: blockBytes,
    maxLength: heldAtMostBytes,
  });
  let isBroken = false;
  // There is nowhere left to say it; the next flush tries again.
  destination.on('error', () => {
    isBroken = true;
  });
  setInterval(() => destination.flush(), flushEveryMs).unref();
  // Before pino's own last flush, which tries a full disk again and again and would keep the process (pino 10.4.0).
  process.prependOnceListener('exit', () => {
    if (isBroken) destination.destroy();
  });
  return pino(loggerOptions(logLevel), destination);
}

/** Writes what is held back. Resolves when it is written, could not be, or a second is over. */
export function flushed(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, flushEveryMs).unref();
    log.flush(() => resolve());
  });
}

/** How lines look, for tests that collect them too. */
export function loggerOptions(level: Config['logLevel']): pino.LoggerOptions {
  return {
    level,
    base: null,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // An error of an HTTP client has the whole request as members of its own, headers and tokens included.
    serializers: { err: plainError },
    redact: { paths: [...redacted, ...redacted.map((name) => `*.${name}`)], censor: '[redacted]' },
  };
}

function plainError(error: unknown) {
  if (typeof error !== 'object' || error === null) return { message: String(error) };
  const { type, message, stack }: { type?: unknown; message?: unknown; stack?: unknown } = pino.stdSerializers.err(
    error as Error,
  );
  return { type, message, stack };
}
