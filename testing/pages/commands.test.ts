import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { root } from '../../cli/root';
import { endingOf } from '../processes/program';
import { type ShownCommand, scriptOf, shownCommands } from './commands';
import { startOf } from './start-of-page';

const shown = shownCommands.map((command) => ({ ...command, ...scriptOf(command) }));
type Shown = (typeof shown)[number];

test('no page shows a flag or a subcommand that its command does not take', async () => {
  const limit = pLimit(4);
  const forms = new Map(shown.filter(isSpecific).map((command) => [formOf(command), command]));
  const refused = [...forms].map(([form, command]) => limit(async () => ((await isTaken(command)) ? [] : [form])));
  expect(forms.size).toBeGreaterThan(30);
  expect((await Promise.all(refused)).flat()).toEqual([]);
});

test.each(['README.md', 'docs/sealing.md', 'docs/delivery.md', 'docs/platforms.md', 'docs/making-it-yours.md'])(
  'what %s shows works in a new repository, as far as it needs no network',
  async (page) => {
    const start = await startOf(page);
    const commands = shown
      .filter((command) => command.page === page && isOffline(command))
      .sort((a, b) => a.line - b.line);
    const failed: string[] = [];
    for (const command of commands) {
      const { code, stdout, stderr } = await start.run(command);
      const isDone = code === 0 || (code === 2 && command.script === 'deliver');
      if (!isDone) failed.push(`${page}:${command.line} ${command.text} ended with ${code}\n${stdout}${stderr}`);
    }
    expect(commands.length).toBeGreaterThan(3);
    expect(failed).toEqual([]);
  },
);

/** Whether there is more to it than the script's name, which pages.test.ts looks at. */
function isSpecific({ script = '', args = [] }: Shown): boolean {
  return hasSubcommands(script) || script === 'interop' || args.some((arg) => arg.startsWith('-'));
}

/** What decides whether a command line can be read: the script, the subcommand where there are some, and the flags. */
function formOf({ script = '', args = [] }: Shown): string {
  const flags = args.filter((arg) => arg.startsWith('-')).map((arg) => arg.split('=', 1)[0]);
  return [script, hasSubcommands(script) ? subcommandOf(args) : args.join(), ...flags.sort()].join(' ');
}

const hasSubcommands = (script: string) => /^(new|seal|propose)$/.test(script);
const subcommandOf = (args: readonly string[]) => args.find((arg) => !arg.startsWith('-')) ?? '';

/** The command itself reads its flags before it shows its help. */
async function isTaken({ script = '', entry, args = [] }: Shown): Promise<boolean> {
  // `-t` takes the name of a chapter.
  if (script === 'interop')
    return args
      .slice(0, args.indexOf('-t') >>> 0)
      .every((arg) => arg.startsWith('-') || existsSync(join(root, 'interop', arg)));
  if (entry === undefined) return args.length === 0;
  const helpFor = (words: readonly string[]) =>
    endingOf(process.execPath, [join(root, 'cli/run.mjs'), entry, ...words, '--help'], { cwd: root });
  const { code } = await helpFor(args);
  if (code !== 0 || !hasSubcommands(script)) return code === 0;
  return (await helpFor([])).stdout.includes(`npm run ${script} -- ${subcommandOf(args)}`);
}

/** Whether a command needs neither another machine, nor a terminal, nor what a reader fills in. */
function isOffline({ script = '', args = [], input, text }: Shown): boolean {
  if (/[<…]/.test(args.join()) || input !== undefined) return false;
  if (script === 'seal') return subcommandOf(args) !== 'fetch-cert';
  if (script === 'new') return args[0] !== 'platform' || args.length > 2;
  return /^(synth|bump|rollback|deliver|images|explain|help|doctor)$/.test(script) && !text.includes('--built');
}
