import { type ProblemCode, problemMeanings } from './problem-codes';

export type { ProblemCode };

/** What a problem stops: the run, a delivery alone (what is rendered may be looked at), or nothing. */
export type ProblemLevel = 'error' | 'delivery' | 'warning';

/** Where a problem was found and what ends it. */
export interface ProblemDetails {
  /** The file to look into, from the repository's root. @default - no single file is at fault */
  readonly file?: string | undefined;
  /** The address inside the file, such as `image` or `spec.values.ingress`. @default - the whole file */
  readonly path?: string | undefined;
  /**
   * What to do next: a command or an instruction. Never contains a secret.
   * @default - the general fix of its code
   */
  readonly fix?: string;
  /** @default - `error` */
  readonly level?: ProblemLevel;
  /** What made this happen, for `DEBUG=1`. @default - none */
  readonly cause?: unknown;
}

/** Something that a person can put right: a code, a sentence, where, and the way to fix it. */
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

  /** The same problem where it stops something else. */
  as(level: ProblemLevel): Problem {
    const { code, message, file, path, fix, cause } = this;
    return new Problem(code, message, { file, path, fix, level, cause });
  }

  /** The same problem with another address inside the file. */
  at(path: string): Problem {
    const { code, message, file, fix, level, cause } = this;
    return new Problem(code, message, { file, path, fix, level, cause });
  }

  toJSON() {
    const { code, level, file, path, message, fix } = this;
    return { code, level, file, path, message, fix };
  }
}

/** What servers, certificates and other people's files say must not steer the terminal it is shown on. */
export function printable(text: string): string {
  return text.replace(/(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

/** All the problems of one run, so that nobody has to find them one at a time. Never empty. */
export class Problems extends Error {
  override readonly name = 'Problems';

  constructor(readonly list: readonly Problem[]) {
    super(list.map(({ code, message }) => `${code} ${message}`).join('\n'));
  }
}

/**
 * Ends a run that found errors; problems of any other level let it go on.
 * @throws Problems with the whole list, the others included, when one of them is an error
 */
export function stopOnErrors(problems: readonly Problem[]): void {
  if (problems.some(({ level }) => level === 'error')) throw new Problems(problems);
}
