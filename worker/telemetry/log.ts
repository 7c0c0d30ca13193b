import pino, { type Logger } from 'pino';
import { redactedNames } from '../catalog/log-line';
import type { Config } from '../config/config';

/**
 * Lines are written in batches of this many characters, or once a second: writing each line would cost as much as a call,
 * and writing 4 KiB at a time still a tenth of one.
 */
const blockLength = 32 * 1024;
const flushEveryMs = 1000;

/** Lines that cannot be written are buffered up to this size and then dropped. */
const maxBufferedBytes = 4 * 1024 * 1024;

/**
 * The program's logger: one JSON object per line on standard output, or on standard error for MCP over stdio. A full disk
 * or a closed pipe loses lines but never fails a call.
 */
export function createLogger({ logLevel, transport }: Pick<Config, 'logLevel' | 'transport'>): Logger {
  const destination = pino.destination({
    dest: transport === 'stdio' ? 2 : 1,
    sync: false,
    minLength: 1,
    maxLength: maxBufferedBytes,
  });
  let isBroken = false;
  // The error cannot be logged; the next flush retries.
  destination.on('error', () => {
    isBroken = true;
  });
  let isClosed = false;
  destination.on('close', () => {
    isClosed = true;
  });
  const block = lineBuffer((lines) => {
    // sonic-boom throws on a closed destination.
    if (!isClosed) destination.write(lines);
  });
  const flush = (done?: (error?: Error) => void) => {
    block.writeOut();
    destination.flush(done);
  };
  setInterval(() => flush(), flushEveryMs).unref();
  // Before pino's final flush, which retries a full disk forever and would keep the process alive (pino 10.4.0).
  process.prependListener('beforeExit', block.writeOut);
  process.prependOnceListener('exit', () => {
    block.writeOut();
    if (isBroken) destination.destroy();
  });
  return pino(loggerOptions(logLevel), Object.assign(block, { flush }));
}

/** Buffers lines. Not left to sonic-boom, which measures its whole buffer for each line (4.2). */
function lineBuffer(write: (lines: string) => void) {
  let buffer = '';
  const writeOut = () => {
    const lines = buffer;
    buffer = '';
    if (lines !== '') write(lines);
  };
  return {
    writeOut,
    write(line: string): void {
      buffer += line;
      if (buffer.length >= blockLength) writeOut();
    },
  };
}

/** Flushes buffered lines. Resolves when they are written, fail to be written, or after a second. */
export function flushed(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, flushEveryMs).unref();
    log.flush(() => resolve());
  });
}

/** The format of log lines. Also for tests that collect them. */
export function loggerOptions(level: Config['logLevel']): pino.LoggerOptions {
  return {
    level,
    base: null,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // The error of an HTTP client may include the whole request with its headers and tokens.
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
