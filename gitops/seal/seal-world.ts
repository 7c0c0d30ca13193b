import { describeProblems } from '../../cli/command';
import type { Platform } from '../../model/platform';
import { pickPlatform } from '../../model/platforms';
import { type Problem, Problems, stopOnErrors } from '../../model/problem';
import { pickOn, type ServerList } from '../../model/servers';
import type { Server } from '../../model/spec';
import { certificateProblems, type Pins, pinnedCertificates } from './pinned';
import type { SecretWorld } from './read-plaintext';
import type { Secret } from './secret';

/** A platform as sealing sees it. */
export type SealPlatform = Pins & Pick<Platform, 'name'>;

/** The outside world as sealing sees it. Tests pass their own folder, platform and date. */
export interface SealWorld extends SecretWorld {
  /** The repository's folder. */
  readonly root: string;
  /** The selected platforms: the named one, or all. */
  readonly platforms: readonly SealPlatform[];
  /** The servers on every platform. */
  readonly servers: ServerList;
  readonly now: Date;
  /** Whether to print JSON, for a program. */
  readonly isJson: boolean;
  /** Whether standard output is a terminal, the only place where a new value may be shown. */
  readonly isTerminal: boolean;
  /** Prints one or more lines to standard output. */
  print(text: string): void;
  /** Shows a new value, once. */
  show(secret: Secret): void;
}

/** The world of the current process. */
export function processWorld(
  root: string,
  platforms: readonly Platform[],
  servers: ServerList,
  isJson: boolean,
): SealWorld {
  const { env: environment, stdin, stdout, stderr } = process;
  return {
    ...{ root, platforms, servers, now: new Date(), environment, stdin, whenCancelled: 'nothing was sealed', isJson },
    isTerminal: stdout.isTTY ?? false,
    print: (text) => stdout.write(`${text}\n`),
    say: (line) => stderr.write(`${line}\n`),
    // A copy, because the write may finish later and the secret is wiped right away.
    show: (secret) => stdout.write(Buffer.concat([secret.reveal(), Buffer.from('\n')])),
  };
}

/** The platform to seal for. @throws Problem PLATFORM-UNKNOWN when there are several and none is named */
export function platformOf({ platforms }: SealWorld): SealPlatform {
  return pickPlatform(platforms, undefined);
}

/** The named server on that platform. @throws Problem SERVER-UNKNOWN, or Problems when its declaration is invalid */
export function serverOf(name: string, world: SealWorld): Server {
  const { servers } = world;
  const own = servers.problems.filter(({ file }) => file?.startsWith(`servers/${name}/`));
  stopOnErrors(own);
  const [server] = pickOn(platformOf(world), servers.servers, [name]);
  if (server === undefined) throw new Problems(servers.problems);
  return server;
}

/**
 * The certificates for sealing: the one to seal under, all accepted ones, and warnings about them.
 * @throws Problems when the certificate to seal under does not match its pin, is unusable or expired
 */
export function certificatesOf(world: SealWorld) {
  const { root, now } = world;
  const { pinned, known, problems } = pinnedCertificates(root, platformOf(world));
  if (pinned === undefined) throw new Problems(problems);
  const about = certificateProblems(pinned, now);
  stopOnErrors(about);
  return { pinned, known, warnings: [...about, ...problems] };
}

/** Prints the result, as JSON or as text, and the warnings. @returns the exit code for success */
export function answer(world: SealWorld, forProgram: object, forPerson: string, warnings: readonly Problem[] = []) {
  if (world.isJson) world.print(JSON.stringify({ ...forProgram, problems: warnings }, null, 2));
  else world.print(forPerson);
  if (!world.isJson && warnings.length > 0) world.say(describeProblems(warnings));
  return 0;
}
