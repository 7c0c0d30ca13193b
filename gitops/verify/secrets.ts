import { statSync } from 'node:fs';
import { join } from 'node:path';
import { foreignEncoding, saveAsUtf8 } from '../../model/encoding';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { secretVariableOf } from '../engine/engine-config';
import { readPlaintext, type SecretWorld, type Source } from '../seal/read-plaintext';
import type { Secret } from '../seal/secret';

/** Where the caller keeps the secret. */
export interface SecretFlags {
  /** A file, a folder with one file per server, or `-` for standard input. @default - not in a file */
  readonly file?: string | undefined;
  /** A variable. @default - the variable that the engine's file reads, such as `MY_SERVER_SECRET` */
  readonly env?: string | undefined;
  /** Drops one trailing newline. @default - the newline is part of the secret */
  readonly isTrimmed?: boolean | undefined;
}

/**
 * Reads the worker secret of each server, in order. Without a flag it comes from the environment, under the name that the
 * engine's configuration file uses, or for a single server from standard input. Never from the command line.
 * @throws Problem SECRET-INPUT, SECRET-EMPTY, SECRET-ENCODING or USAGE
 */
export async function readSecrets(
  servers: readonly Server[],
  flags: SecretFlags,
  world: SecretWorld,
): Promise<readonly Secret[]> {
  const secrets: Secret[] = [];
  for (const server of servers) {
    const source = sourceOf(server, servers.length === 1, flags, world);
    secrets.push(await readSecret(server, source, flags.isTrimmed ?? false, world));
  }
  return secrets;
}

async function readSecret({ name }: Server, source: Source, isTrimmed: boolean, world: SecretWorld): Promise<Secret> {
  const fix = 'pass it with --secret-file <path>, --secret-env <NAME> or on standard input';
  const refused = (code: 'SECRET-ENCODING' | 'SECRET-EMPTY', reason: string, how = fix) =>
    new Problem(code, `Cannot use the worker secret of ${name}: it is ${reason}`, { fix: how });
  try {
    const secret = await readPlaintext(source, `the worker secret of ${name}`, isTrimmed, world);
    const encoding = foreignEncoding(secret.reveal());
    // An environment variable cannot hold this, so the secret was saved wrongly here and the cluster has a different value.
    if (encoding !== undefined) throw refused('SECRET-ENCODING', encoding, saveAsUtf8);
    if (secret.reveal().length > 0) return secret;
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'SECRET-INPUT') throw error;
    throw new Problem('SECRET-INPUT', `${error.message}, for ${name}`, { fix, cause: error });
  }
  throw refused('SECRET-EMPTY', 'empty');
}

function sourceOf(server: Server, isOnly: boolean, { file, env }: SecretFlags, { environment }: SecretWorld): Source {
  if (file !== undefined && env !== undefined) throw misused('--secret-file and --secret-env are both given');
  const variable = secretVariableOf(server);
  if (file === undefined && env === undefined) {
    return isOnly && environment[variable] === undefined ? { kind: 'stdin' } : { kind: 'environment', name: variable };
  }
  const isFolder = file !== undefined && statSync(file, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder) return { kind: 'file', path: join(file, server.name) };
  if (!isOnly) throw misused('one secret was given for several servers');
  if (env !== undefined) return { kind: 'environment', name: env };
  return file === undefined || file === '-' ? { kind: 'stdin' } : { kind: 'file', path: file };
}

function misused(reason: string): Problem {
  return new Problem('USAGE', `Cannot read the worker secret: ${reason}`, {
    fix: 'name one server, pass --secret-file a folder with a file for each server, or set <NAME>_SECRET for each',
  });
}
