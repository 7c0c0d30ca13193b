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
export type SealPlatform = Pins & Pick<Platform, 'name' | 'flag'>;

/** The world as sealing sees it. Tests hand in a folder, a platform and a day of their own. */
export interface SealWorld extends SecretWorld {
  /** The repository's folder. */
  readonly root: string;
  /** The platforms that are meant: the one that was named, or all there are. */
  readonly platforms: readonly SealPlatform[];
  /** The servers on every platform. */
  readonly servers: ServerList;
  readonly now: Date;
  /** Whether the answer is for a program. */
  readonly isJson: boolean;
  /** Whether a person reads standard output; the only place where a new value may be shown. */
  readonly isTerminal: boolean;
  /** One line or more to standard output. */
  print(text: string): void;
  /** Shows a new value, once. */
  show(secret: Secret): void;
}

/** The world of a command that a person runs in this process. */
export function processWorld(
  root: string,
  platforms: readonly Platform[],
  servers: ServerList,
  isJson: boolean,
): SealWorld {
  const { env: environment, stdin, stdout, stderr } = process;
  return {
    ...{ root, platforms, servers, now: new Date(), environment, stdin, whenGivenUp: 'nothing was sealed', isJson },
    isTerminal: stdout.isTTY ?? false,
    print: (text) => stdout.write(`${text}\n`),
    say: (line) => stderr.write(`${line}\n`),
    // A copy: the terminal may take its time, and the secret is overwritten right after.
    show: (secret) => stdout.write(Buffer.concat([secret.reveal(), Buffer.from('\n')])),
  };
}

/** The platform whose cluster a value is for. @throws Problem PLATFORM-UNKNOWN where there are several and none is named */
export function platformOf({ platforms }: SealWorld): SealPlatform {
  return pickPlatform(platforms, undefined);
}

/** The server of this name there. @throws Problem SERVER-UNKNOWN, or Problems when its own declaration is wrong */
export function serverOf(name: string, world: SealWorld): Server {
  const { servers } = world;
  const own = servers.problems.filter(({ file }) => file?.startsWith(`servers/${name}/`));
  stopOnErrors(own);
  const [server] = pickOn(platformOf(world), servers.servers, [name]);
  if (server === undefined) throw new Problems(servers.problems);
  return server;
}

/**
 * What sealing needs of certificates: the one to seal under, all that are known, and the warnings about them.
 * @throws Problems when the one to seal under is not the pinned one, unusable or expired
 */
export function certificatesOf(world: SealWorld) {
  const { root, now } = world;
  const { pinned, known, problems } = pinnedCertificates(root, platformOf(world));
  if (pinned === undefined) throw new Problems(problems);
  const about = certificateProblems(pinned, now);
  stopOnErrors(about);
  return { pinned, known, warnings: [...about, ...problems] };
}

/** Answers: an object for a program, lines for a person; warnings beside them. @returns the exit code of a success */
export function answer(world: SealWorld, forProgram: object, forPerson: string, warnings: readonly Problem[] = []) {
  if (world.isJson) world.print(JSON.stringify({ ...forProgram, problems: warnings }, null, 2));
  else world.print(forPerson);
  if (!world.isJson && warnings.length > 0) world.say(describeProblems(warnings));
  return 0;
}
