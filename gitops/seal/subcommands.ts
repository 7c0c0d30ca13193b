import type { Command, Flags, Options } from '../../cli/command';
import { usageText } from '../../cli/usage';
import { nearest } from '../../model/nearest';
import { abandon, drop, finish } from './commands/drop';
import { fetchCert } from './commands/fetch-cert';
import { rotate } from './commands/rotate';
import { set } from './commands/set';
import { status } from './commands/status';
import type { SealWorld } from './seal-world';
import { misused, type Subcommand, serverAndKey } from './subcommand';

const subcommands = { set, rotate, finish, abandon, drop, status, 'fetch-cert': fetchCert } as const;

/**
 * The command that a command line asks for: one of the seven; or one that shows them, and refuses the forms of before.
 * @param args the words after `npm run seal --`
 * @param world made only once the flags are read
 */
export function commandFor(
  args: readonly string[],
  world: (isJson: boolean, platform: string | undefined) => SealWorld,
): Command<Options> {
  const [word = ''] = args.filter((arg) => !arg.startsWith('-'));
  if (!isSubcommand(word)) return oldForms;
  const found: Subcommand = subcommands[word];
  const options = { ...found.options, platform: { type: 'string' } } as const;
  return {
    usage: usageText(found.usage),
    options,
    run: ({ platform, ...flags }, [, ...names]) =>
      found.run(flags, names, world(flags.json ?? false, typeof platform === 'string' ? platform : undefined)),
  };
}

function isSubcommand(word: string): word is keyof typeof subcommands {
  return Object.hasOwn(subcommands, word);
}

const overview = usageText({
  forms: Object.assign({}, ...Object.values(subcommands).map(({ usage }) => usage.forms)),
  flags: { '--platform <name>': 'whose cluster it is for, where there are several platforms' },
  notes: ['Each has its own flags: npm run seal -- set --help'],
  examples: ['npm run seal -- set weather API_KEY < key.txt', 'npm run seal -- status'],
});

const oldOptions = {
  ...set.options,
  'check-key-file': { type: 'string' },
  rotate: { type: 'boolean' },
  finish: { type: 'boolean' },
  drop: { type: 'boolean' },
  status: { type: 'boolean' },
  'verify-with': { type: 'string', multiple: true },
  'fetch-cert': { type: 'string' },
  'allow-http': { type: 'boolean' },
} as const satisfies Options;

const oldForms = {
  usage: overview,
  options: oldOptions,
  run(flags: Flags<typeof oldOptions>, names: readonly string[]): never {
    const [first = ''] = names;
    if (isSubcommand(first)) throw misused('the subcommand comes first, before any flag');
    const words = ['fetch-cert', 'status', 'rotate', 'finish', 'drop'] as const;
    const word = words.find((each) => flags[each] !== undefined);
    if (word === undefined && names.length < 2) {
      const meant = nearest(first, Object.keys(subcommands));
      const reason = first === '' ? 'it names no subcommand' : 'it begins with none of the subcommands';
      throw misused(reason, `npm run seal -- ${meant === undefined ? '' : `${meant} `}--help`);
    }
    if (word !== 'fetch-cert' && word !== 'status') serverAndKey(names);
    if (word === undefined && flags['verify-with']) throw misused('kubeseal --recovery-unseal opens sealed values');
    // Its names and flags are not repeated: a secret may stand where they belong.
    const [fix] = Object.keys(subcommands[word ?? 'set'].usage.forms);
    throw misused('npm run seal has subcommands now', fix);
  },
};
