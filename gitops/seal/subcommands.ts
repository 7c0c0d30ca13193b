import type { Command, Flags, Options } from '../../cli/command';
import { nearest } from '../../model/nearest';
import { Problem } from '../../model/problem';
import { drop } from './commands/drop';
import { fetchCert } from './commands/fetch-cert';
import { finish, rotate } from './commands/rotate';
import { set } from './commands/set';
import { status } from './commands/status';
import type { SealWorld } from './seal-world';
import { misused, type Subcommand, serverAndKey } from './subcommand';

const subcommands: Readonly<Record<string, Subcommand>> = {
  set,
  rotate,
  finish,
  drop,
  status,
  'fetch-cert': fetchCert,
};

/**
 * The command that a command line asks for: one of the six; or one that shows them, and refuses the forms of before.
 * @param args the words after `npm run seal --`
 * @param world made only once the flags are read
 */
export function commandFor(args: readonly string[], world: (isJson: boolean) => SealWorld): Command<Options> {
  const [word = ''] = args.filter((arg) => !arg.startsWith('-'));
  const found = Object.hasOwn(subcommands, word) ? subcommands[word] : undefined;
  if (found === undefined) return oldForms;
  const { usage, options } = found;
  return { usage, options, run: (flags, [, ...names]) => found.run(flags, names, world(flags.json ?? false)) };
}

const overview = [
  ...Object.values(subcommands).map(({ usage }) => usage.split('\n')[0]),
  '\nMore about one of them, such as set: npm run seal -- set --help',
].join('\n');

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
    if (Object.hasOwn(subcommands, first)) throw misused('the subcommand comes first, before any flag');
    const url = flags['fetch-cert'];
    if (url !== undefined) throw moved('fetch-cert', [url], flags);
    if (flags.status) throw moved('status', names, flags);
    const word = (['rotate', 'finish', 'drop'] as const).find((each) => flags[each]);
    if (word === undefined && names.length < 2) throw noSubcommand(first);
    const { server, key } = serverAndKey(names);
    const isRecovery = word === undefined && flags['verify-with'] !== undefined;
    if (isRecovery) throw misused('kubeseal --recovery-unseal opens sealed values');
    throw moved(word ?? 'set', [server, key], flags);
  },
};

function moved(word: string, names: readonly string[], flags: Flags<typeof oldOptions>): Problem {
  const known = { ...subcommands[word]?.options, json: true };
  const kept = Object.entries(flags)
    .filter(([flag]) => Object.hasOwn(known, flag))
    .flatMap(([flag, value]) => (value === true ? `--${flag}` : [`--${flag}`, shown(String(value), `<${flag}>`)]));
  const shownNames = names.map((name) => shown(name, word === 'fetch-cert' ? '<url>' : '<server>'));
  const fix = ['npm run seal --', word, ...shownNames, ...kept].join(' ');
  return new Problem('USAGE', 'Cannot do this: npm run seal has subcommands now', { fix });
}

/** A word of the command line, unless a secret could be in it or a shell would read it otherwise. */
function shown(word: string, otherwise: string): string {
  return /^[\w./:-]+$/.test(word) ? word : otherwise;
}

function noSubcommand(word: string): Problem {
  const meant = nearest(word, Object.keys(subcommands));
  const reason = word === '' ? 'it names no subcommand' : 'it begins with none of the subcommands';
  const fix = meant === undefined ? overview : `npm run seal -- ${meant} --help`;
  return new Problem('USAGE', `Cannot do this: ${reason}`, { fix });
}
