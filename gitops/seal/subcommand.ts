import type { Command, Flags, Options } from '../../cli/command';
import type { Usage } from '../../cli/usage';
import { Problem } from '../../model/problem';
import { isSecretKey, secretKeyRule } from '../../model/sealed';
import { placeOf, rolloutOf, rotationOf } from '../../model/secret-place';
import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import type { SealedChange } from './decide';
import { type SealWorld, serverOf } from './seal-world';
import { readSealedFile, type SealedFile } from './sealed-file';

/** One form of `npm run seal`, such as `seal set`. */
export interface Subcommand<O extends Options = Options> extends Omit<Command<O>, 'run' | 'usage'> {
  readonly usage: Usage;
  /** Returns the exit code. @throws Problem or Problems for mistakes that the user can fix */
  run(flags: Flags<O>, names: readonly string[], world: SealWorld): Promise<number> | number;
}

/** Declares a subcommand whose `run` is typed by its own flags. Adds `--platform` and `--json` to its usage. */
export function subcommand<const O extends Options>(declared: Subcommand<O>): Subcommand<O> {
  const platform = { '--platform <name>': 'whose cluster it is for, where there are several platforms' };
  return { ...declared, usage: { ...declared.usage, flags: { ...declared.usage.flags, ...platform } } };
}

/**
 * Resolves the arguments of most subcommands: a server, one of its keys, and its current sealed values.
 * @param change what to do with the value
 * @throws Problem SEAL-ELSEWHERE when the secrets of the platform are not sealed
 */
export function targetOf(
  names: readonly string[],
  world: SealWorld,
  change: SealedChange['kind'],
): { readonly server: Server; readonly key: string; readonly file: SealedFile } {
  const { server: name, key } = serverAndKey(names);
  const server = serverOf(name, world);
  if (server.platform.secrets.kind !== 'sealed') throw elsewhere(server, key, change);
  return { server, key, file: readSealedFile(world.root, server) };
}

/** The problem for a value that is stored elsewhere, with what to do there instead. */
function elsewhere(server: Server, key: string, change: SealedChange['kind']): Problem {
  const { name, source, platform } = server;
  const { kind } = platform.secrets;
  const place = placeOf(server, key);
  const message = `Cannot ${change} ${key} of "${name}" here: the secrets of "${platform.name}" are ${kind}, so nothing is sealed for it`;
  const isDeclared = [...server.secrets, contract.env.previousSecret].includes(key);
  const declare = isDeclared ? '' : `list it under secrets in ${source}; `;
  const write = `${declare}write the value to ${place}; ${rolloutOf(server)}`;
  const drop = `remove it from secrets in ${source}, deliver, and then remove ${place}`;
  const isRotated = change !== 'set' && change !== 'drop' && key === contract.env.secret;
  const fix = isRotated ? rotationOf(server, change) : change === 'drop' ? drop : write;
  return new Problem('SEAL-ELSEWHERE', message, { file: platform.source, path: 'secrets.kind', fix });
}

/**
 * The two arguments of most subcommands. Problems never quote them: the user may have typed a secret instead.
 * @throws Problem USAGE, NAME, or SECRET-ARGV for anything that looks like a value
 */
export function serverAndKey([server, key, ...more]: readonly string[]): { server: string; key: string } {
  if (more.length > 0 || key?.includes('=') || server?.includes('=')) {
    const message = 'Cannot take a value from the command line: other users and logs can read it there';
    const fix =
      'treat the value as leaked and create a new one; pass that on standard input, with --from-file or --from-env';
    throw new Problem('SECRET-ARGV', message, { fix });
  }
  if (server === undefined || key === undefined) throw misused('it needs a server and a key');
  if (isSecretKey(key)) return { server, key };
  throw new Problem('NAME', 'Cannot use this key: it is not a valid name for a secret', { fix: secretKeyRule });
}

/** The problem for an invalid command line. */
export function misused(reason: string, fix = 'npm run seal -- --help'): Problem {
  return new Problem('USAGE', `Cannot run this command: ${reason}`, { fix });
}
