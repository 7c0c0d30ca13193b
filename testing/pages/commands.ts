import packageJson from '../../package.json';
import { blocksOf, pages, proseOf } from './markdown';

/** A command that a page shows. */
export interface ShownCommand {
  readonly page: string;
  readonly line: number;
  /** The command as shown, without a comment. */
  readonly text: string;
  /** Variables that are set before the program. */
  readonly environment: Readonly<Record<string, string>>;
  /** The program and its arguments, without redirections. */
  readonly words: readonly string[];
  /** The file that standard input is read from. @default - standard input is the terminal */
  readonly input?: string;
}

/** The commands in the `sh` blocks of a page, from top to bottom. */
export function commandsInBlocks(page: string): readonly ShownCommand[] {
  return blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ line, text }) =>
      text
        .split('\n')
        .flatMap((shown, index) => commandsOf(shown).map((command) => ({ page, line: line + 1 + index, ...command }))),
    );
}

/** The npm and npx commands that the prose of a page names in backticks. */
export function commandsInProse(page: string): readonly ShownCommand[] {
  return proseOf(page)
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/`(np[mx] [^`]*)`/g)].flatMap(([, shown = '']) =>
        commandsOf(shown).map((command) => ({ page, line: index + 1, ...command })),
      ),
    );
}

/** The commands of all pages. */
export const shownCommands: readonly ShownCommand[] = pages.flatMap((page) => [
  ...commandsInBlocks(page),
  ...commandsInProse(page),
]);

/** What an npm command runs: the script, its TypeScript entry if it has one, and the arguments after `--`. */
export function scriptOf({
  words,
}: Pick<ShownCommand, 'words'>): { script: string; entry: string | undefined; args: readonly string[] } | undefined {
  const [program, verb = '', ...rest] = words.filter((word) => word !== '-s');
  if (program !== 'npm' || verb === 'ci') return undefined;
  const script = verb === 'run' ? (rest[0] ?? '') : verb;
  const scripts: Readonly<Record<string, string>> = packageJson.scripts;
  const entry = [...(scripts[script] ?? '').matchAll(/cli\/run\.mjs (\S+)/g)].at(-1)?.[1];
  const after = rest.indexOf('--');
  return { script, entry, args: after < 0 ? [] : rest.slice(after + 1) };
}

/** Parses the commands in a line of shell, as far as pages use its syntax. */
function commandsOf(line: string): readonly Omit<ShownCommand, 'page' | 'line'>[] {
  const tokens = line.match(/'[^']*'|"[^"]*"|(?:[^\s'"&|;]|'[^']*'|"[^"]*")+|&&|[|;]/g) ?? [];
  const comment = tokens.findIndex((token) => token.startsWith('#'));
  const commands: string[][] = [[]];
  for (const token of comment < 0 ? tokens : tokens.slice(0, comment)) {
    if (/^(&&|[|;])$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(token);
  }
  return commands.filter(({ length }) => length > 0).map(commandOf);
}

function commandOf(tokens: readonly string[]): Omit<ShownCommand, 'page' | 'line'> {
  const start = tokens.findIndex((token) => !/^[A-Z_]+=/.test(token));
  const set = tokens.slice(0, start).map((token) => token.split('=').map(unquoted));
  const from = tokens.indexOf('<');
  const input = from < 0 ? undefined : tokens[from + 1];
  const words = tokens.slice(start, from < 0 ? undefined : from).map(unquoted);
  return {
    text: tokens.join(' '),
    environment: Object.fromEntries(set),
    words,
    ...(input === undefined ? {} : { input }),
  };
}

function unquoted(token: string): string {
  return token.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2');
}
