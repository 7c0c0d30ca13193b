import pino, { type Logger } from 'pino';
import { redactedNames } from '../catalog/log-line';
import type { Config } from '../config/config';

/**
 * Lines are written this many characters at a time, or once a second: a write for each would cost as much as a call, and a
 * write of 4 KiB still a tenth of one.
 */
const blockLength = 32 * 1024;
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
    minLength: 1,
    maxLength: heldAtMostBytes,
  });
  let isBroken = false;
  // There is nowhere left to say it; the next flush tries again.
  destination.on('error', () => {
    isBroken = true;
  });
  let isClosed = false;
  destination.on('close', () => {
    isClosed = true;
  });
  const block = blockOf((lines) => {
    // Nobody can be told by then, and sonic-boom would throw.
    if (!isClosed) destination.write(lines);
  });
  const flush = (done?: (error?: Error) => void) => {
    block.pass();
    destination.flush(done);
  };
  setInterval(() => flush(), flushEveryMs).unref();
  // Before pino's own last flush, which tries a full disk again and again and would keep the process (pino 10.4.0).
  process.prependListener('beforeExit', block.pass);
  process.prependOnceListener('exit', () => {
    block.pass();
    if (isBroken) destination.destroy();
  });
  return pino(loggerOptions(logLevel), Object.assign(block, { flush }));
}

/** Gathers lines. Not in sonic-boom, which counts all that it holds at each line (4.2). */
function blockOf(write: (lines: string) => void) {
  let held = '';
  const pass = () => {
    const lines = held;
    held = '';
    if (lines !== '') write(lines);
  };
  return {
    pass,
    write(line: string): void {
      held += line;
      if (held.length >= blockLength) pass();
    },
  };
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
    redact: { paths: [...redactedNames, ...redactedNames.map((name) => `*.${name}`)], censor: '[redacted]' },
  };
}

function plainError(error: unknown) {
  if (typeof error !== 'object' || error === null) return { message: String(error) };
  const { type, message, stack }: { type?: unknown; message?: unknown; stack?: unknown } = pino.stdSerializers.err(
    error as Error,
  );
  return { type, message, stack };
}
