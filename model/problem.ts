import { type ProblemCode, problemMeanings } from './problem-codes';

export type { ProblemCode };

/** What a problem stops: the run, only a delivery (the output can still be rendered and inspected), or nothing. */
export type ProblemLevel = 'error' | 'delivery' | 'warning';

/** Where a problem was found, and how to fix it. */
export interface ProblemDetails {
  /** The file at fault, relative to the repository's root. @default - no single file */
  readonly file?: string | undefined;
  /** The path inside the file, such as `image` or `spec.values.ingress`. @default - the whole file */
  readonly path?: string | undefined;
  /**
   * What to do next: a command or an instruction. Never contains a secret.
   * @default - the fix of its code
   */
  readonly fix?: string;
  /** @default - `error` */
  readonly level?: ProblemLevel;
  /** The underlying error, shown with `DEBUG=1`. @default - none */
  readonly cause?: unknown;
}

/** An error that its reader can fix: a code, a message, a place and a fix. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly file: string | undefined;
  readonly path: string | undefined;
  readonly fix: string;
  readonly level: ProblemLevel;

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(printable(message), { cause: details.cause });
    this.code = code;
    this.file = details.file && printable(details.file);
    this.path = details.path && printable(details.path);
    this.fix = printable(details.fix ?? problemMeanings[code].fix.replaceAll('`', ''));
    this.level = details.level ?? 'error';
  }

  /** The same problem with another level. */
  as(level: ProblemLevel): Problem {
    const { code, message, file, path, fix, cause } = this;
    return new Problem(code, message, { file, path, fix, level, cause });
  }

  /** The same problem with another path. */
  at(path: string): Problem {
    const { code, message, file, fix, level, cause } = this;
    return new Problem(code, message, { file, path, fix, level, cause });
  }

  toJSON() {
    const { code, level, file, path, message, fix } = this;
    return { code, level, file, path, message, fix };
  }
}

/** Replaces control and bidi characters, so that text from servers, certificates and files cannot control a terminal. */
export function printable(text: string): string {
  return text.replace(/(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

/** All problems of one run, reported together. Never empty. */
export class Problems extends Error {
  override readonly name = 'Problems';

  constructor(readonly list: readonly Problem[]) {
    super(list.map(({ code, message }) => `${code} ${message}`).join('\n'));
  }
}

/**
 * Stops the run if one of the problems is an error.
 * @throws Problems with the whole list, other levels included
 */
export function stopOnErrors(problems: readonly Problem[]): void {
  if (problems.some(({ level }) => level === 'error')) throw new Problems(problems);
}
