import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest } from '../model/nearest';
import { Problem } from '../model/problem';
import { systemCode } from '../model/system-error';

/** Flags as `node:util` parseArgs takes them. */
export type Options = NonNullable<ParseArgsConfig['options']>;

/** The flags of every command. */
export const common = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const satisfies Options;

/** The values of the flags on a command line, with those of every command. */
export type Flags<O extends Options> = ReturnType<typeof parseArgs<{ options: O & typeof common }>>['values'];

/**
 * Reads a command line.
 * @param args the words after the command. @default - those of this process
 * @throws Problem USAGE for an unknown flag, with the nearest known one, and for a flag without its value
 */
export function parseFlags<O extends Options>(
  { options, usage }: { readonly options: O; readonly usage: string },
  args?: string[],
) {
  try {
    const config = { options: { ...options, ...common }, allowPositionals: true, strict: true } as const;
    return parseArgs(args === undefined ? config : { ...config, args });
  } catch (error) {
    // parseArgs throws TypeErrors whose text names the flag and nothing of its value; advice follows the first sentence.
    const [reason = ''] = messageOf(error).split(/\. |\n/);
    const flags = Object.keys({ ...options, ...common }).map((name) => `--${name}`);
    const unknown = systemCode(error) === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? /'(-.*?)'/.exec(reason)?.[1] : undefined;
    const meant = unknown === undefined ? undefined : nearest(unknown, flags);
    const fix = meant === undefined ? firstForm(usage) : `write ${meant}; --help shows every form`;
    throw new Problem('USAGE', `Cannot read the command line: ${reason}`, { fix, cause: error });
  }
}

/** The first form of a usage without its description, and where to find the others: all of them would hide the message. */
export function firstForm(usage: string): string {
  const form = usage.split('\n').find((line) => /^npm /.test(line)) ?? '';
  return `${form.replace(/ {2,}.*/, '')}; --help shows every form`;
}

/** The text of whatever was thrown. Not `instanceof Error`: under Jest, errors of Node come from another realm. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
