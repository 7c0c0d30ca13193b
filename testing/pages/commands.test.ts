import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { root } from '../../cli/root';
import { type Ending, endingOf } from '../processes/program';
import { commandsInBlocks, type ShownCommand, scriptOf, shownCommands } from './commands';
import { startOf } from './start-of-page';

const shown = shownCommands.flatMap((command) => scriptOf(command) ?? []);

test('no page shows a flag that its command does not take', async () => {
  const limit = pLimit(4);
  const refused = [...argsByCommand()].map(([command, { entry, args }]) =>
    limit(async () => {
      const { code, stderr } = await help(entry, args);
      return code === 0 ? [] : [`${command}: ${stderr}`];
    }),
  );
  expect(refused.length).toBeGreaterThan(15);
  expect((await Promise.all(refused)).flat()).toEqual([]);
});

test('no page shows a subcommand or a suite that does not exist', async () => {
  const helps = new Map<string, string>();
  const unknown: string[] = [];
  for (const { script, entry = '', args } of shown) {
    const name = `npm run ${script} -- ${subcommandOf(args)}`.trimEnd();
    if (hasSubcommands(script)) {
      const text = helps.get(script) ?? (await help(entry, [])).stdout;
      helps.set(script, text);
      if (!text.includes(name)) unknown.push(name);
    }
    // `-t` is followed by the name of a chapter.
    const suites =
      script === 'interop' ? args.slice(0, args.indexOf('-t') >>> 0).filter((arg) => !arg.startsWith('-')) : [];
    unknown.push(...suites.filter((suite) => !existsSync(join(root, 'interop', suite))));
    if (/^test/.test(script)) unknown.push(...args);
  }
  expect(helps.size).toBe(3);
  expect(unknown).toEqual([]);
});

test.each(['README.md', 'docs/sealing.md', 'docs/delivery.md', 'docs/platforms.md'])(
  'the commands in the shell blocks of %s that need no network work in a new repository',
  async (page) => {
    const start = await startOf(page);
    const commands = commandsInBlocks(page).filter(isOffline);
    const failed: string[] = [];
    for (const command of commands) {
      const { code, stdout, stderr } = await start.run(command);
      // `deliver` exits with 2 for differences.
      const isDone = code === 0 || (code === 2 && command.words.includes('deliver'));
      if (!isDone) failed.push(`${command.text} ended with ${code}\n${stdout}${stderr}`);
    }
    expect(commands.length).toBeGreaterThan(2);
    expect(failed).toEqual([]);
  },
);

/** The arguments of every form of a command that is shown, one after the other, so that one process reads them all. */
function argsByCommand(): ReadonlyMap<string, { entry: string; args: readonly string[] }> {
  const commands = new Map<string, { entry: string; args: readonly string[] }>();
  for (const { script, entry, args } of shown) {
    if (entry === undefined || args.length === 0) continue;
    const command = hasSubcommands(script) ? `${script} ${subcommandOf(args)}` : script;
    commands.set(command, { entry, args: [...(commands.get(command)?.args ?? []), ...args] });
  }
  return commands;
}

/** A command reads its flags before it shows its help. */
function help(entry: string, args: readonly string[]): Promise<Ending> {
  return endingOf(process.execPath, [join(root, 'cli/run.mjs'), entry, ...args, '--help'], { cwd: root });
}

const hasSubcommands = (script: string) => /^(new|seal|propose)$/.test(script);
const subcommandOf = (args: readonly string[]) => args.find((arg) => !arg.startsWith('-')) ?? '';

/** Whether a command needs no other machine, nothing typed, and nothing that the page does not say. */
function isOffline(command: ShownCommand): boolean {
  const { script = '', args = [] } = scriptOf(command) ?? {};
  if (/[<…]/.test(args.join()) || command.input !== undefined) return false;
  // A finished rotation cannot be abandoned.
  if (script === 'seal') return !/^(fetch-cert|abandon)$/.test(subcommandOf(args));
  return /^(synth|new|bump|rollback|deliver)$/.test(script);
}
