import type { Command, Flags, Options } from '../../cli/command';
import { usageText } from '../../cli/usage';
import { nearest } from '../../model/nearest';
import { Problem } from '../../model/problem';
import { abandon, drop, finish } from './commands/drop';
import { fetchCert } from './commands/fetch-cert';
import { rotate } from './commands/rotate';
import { set } from './commands/set';
import { status } from './commands/status';
import type { SealWorld } from './seal-world';
import { misused, type Subcommand, serverAndKey } from './subcommand';

const subcommands = { set, rotate, finish, abandon, drop, status, 'fetch-cert': fetchCert } as const;

/**
 * Picks the command: one of the seven subcommands, or one that lists them and rejects a misspelled one or the former flags.
 * @param args the arguments after `npm run seal --`
 * @param world creates the world, once the flags are parsed
 * @param isServer whether a server has this name
 */
export function commandFor(
  args: readonly string[],
  world: (isJson: boolean, platform: string | undefined) => SealWorld,
  isServer: (name: string) => boolean,
): Command<Options> {
  const [name = ''] = args.filter((arg) => !arg.startsWith('-'));
  if (!isSubcommand(name)) {
    const meant = nearest(name, Object.keys(subcommands));
    return meant === undefined || isServer(name) ? formerFlags : misspelled(name, meant);
  }
  const found: Subcommand = subcommands[name];
  const options = { ...found.options, platform: { type: 'string' } } as const;
  return {
    usage: usageText(found.usage),
    options,
    run: ({ platform, ...flags }, [, ...names]) =>
      found.run(flags, names, world(flags.json ?? false, typeof platform === 'string' ? platform : undefined)),
  };
}

function isSubcommand(name: string): name is keyof typeof subcommands {
  return Object.hasOwn(subcommands, name);
}

/**
 * Rejects a misspelled subcommand when its flags are asked for, before they are read: it is not known which flags it has.
 * Quotes no other argument: the user may have typed a secret.
 */
function misspelled(name: string, meant: string): Command<Options> {
  const reject = (): never => {
    const message = `Cannot run seal ${name}: there is no such subcommand`;
    throw new Problem('USAGE', message, { fix: `npm run seal -- ${meant} …` });
  };
  return {
    usage: overview,
    get options() {
      return reject();
    },
    run: reject,
  };
}

const overview = usageText({
  forms: Object.assign({}, ...Object.values(subcommands).map(({ usage }) => usage.forms)),
  flags: { '--platform <name>': 'whose cluster it is for, where there are several platforms' },
  notes: ['Each has its own flags: npm run seal -- set --help'],
  examples: ['npm run seal -- set weather API_KEY < key.txt', 'npm run seal -- status'],
});

const formerOptions = {
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

const formerFlags = {
  usage: overview,
  options: formerOptions,
  run(flags: Flags<typeof formerOptions>, names: readonly string[]): never {
    const [first = ''] = names;
    if (isSubcommand(first)) throw misused('the subcommand comes first, before any flag');
    const former = (['fetch-cert', 'status', 'rotate', 'finish', 'drop'] as const).find(
      (flag) => flags[flag] !== undefined,
    );
    if (former === undefined && names.length < 2) {
      throw misused(first === '' ? 'it needs a subcommand' : 'its first argument is not a subcommand');
    }
    if (former !== 'fetch-cert' && former !== 'status') serverAndKey(names);
    if (former === undefined && flags['verify-with']) {
      throw misused('sealed values are opened by kubeseal --recovery-unseal');
    }
    // The arguments are not quoted: the user may have typed a secret.
    const [fix] = Object.keys(subcommands[former ?? 'set'].usage.forms);
    throw misused('npm run seal has subcommands now', fix);
  },
};
