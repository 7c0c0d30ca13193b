import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { root } from '../../cli/root';
import { endingOf } from '../processes/program';
import { commandsInBlocks, type ShownCommand, scriptOf, shownCommands } from './commands';
import { startOf } from './start-of-page';

const shown = shownCommands.map((command) => ({ ...command, ...scriptOf(command) }));
type Shown = (typeof shown)[number];

test('pages show only flags and subcommands that their commands accept', async () => {
  const limit = pLimit(4);
  const forms = new Map(shown.filter(isSpecific).map((command) => [formOf(command), command]));
  const refused = [...forms].map(([form, command]) => limit(async () => ((await isAccepted(command)) ? [] : [form])));
  expect(forms.size).toBeGreaterThan(30);
  expect((await Promise.all(refused)).flat()).toEqual([]);
});

test.each(['README.md', 'docs/sealing.md', 'docs/delivery.md', 'docs/platforms.md'])(
  'the commands in the shell blocks of %s that need no network work in a new repository',
  async (page) => {
    const start = await startOf(page);
    const commands = commandsInBlocks(page).filter(isOffline);
    const failed: string[] = [];
    for (const command of commands) {
      const { code, stdout, stderr } = await start.run(command);
      // `new platform` writes its file, then fails: servers have no secret there; `deliver` exits with 2 for differences.
      const isDone =
        code === 0 || (code === 2 && command.words.includes('deliver')) || stdout.includes('wrote    platforms/');
      if (!isDone) failed.push(`${command.text} ended with ${code}\n${stdout}${stderr}`);
    }
    expect(commands.length).toBeGreaterThan(2);
    expect(failed).toEqual([]);
  },
);

/** Whether it is more than the name of a script, which pages.test.ts checks. */
function isSpecific({ script = '', args = [] }: Shown): boolean {
  return hasSubcommands(script) || script === 'interop' || args.some((arg) => arg.startsWith('-'));
}

/** What determines whether a command line is valid: the script, its subcommand if it has any, and the flags. */
function formOf({ script = '', args = [] }: Shown): string {
  const flags = args.filter((arg) => arg.startsWith('-')).map((arg) => arg.split('=', 1)[0]);
  return [script, hasSubcommands(script) ? subcommandOf(args) : args.join(), ...flags.sort()].join(' ');
}

const hasSubcommands = (script: string) => /^(new|seal|propose)$/.test(script);
const subcommandOf = (args: readonly string[]) => args.find((arg) => !arg.startsWith('-')) ?? '';

/** Asks the command itself, which parses its flags before it prints its help. */
async function isAccepted({ script = '', entry, args = [] }: Shown): Promise<boolean> {
  // `-t` is followed by the name of a test.
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

/** Whether a command needs no network, no input, and no value that the page leaves open. */
function isOffline(command: ShownCommand): boolean {
  const { script = '', args = [] } = scriptOf(command) ?? {};
  if (/[<…]/.test(args.join()) || command.input !== undefined) return false;
  // A finished rotation cannot be abandoned.
  if (script === 'seal') return !/^(fetch-cert|abandon)$/.test(subcommandOf(args));
  return /^(synth|new|bump|rollback|deliver)$/.test(script);
}
