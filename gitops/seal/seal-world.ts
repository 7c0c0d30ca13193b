import { describeProblems } from '../../cli/command';
import type { Platform } from '../../model/platform';
import { type Problem, Problems, stopOnErrors } from '../../model/problem';
import { pick, type ServerList } from '../../model/servers';
import type { Server } from '../../model/spec';
import { checkDates } from './certificate';
import { checkAlone, type PinnedCertificate, type Pins, pinnedCertificates } from './pinned';
import type { SecretWorld } from './read-plaintext';
import type { Secret } from './secret';

/** The world as sealing sees it. Tests hand in a folder, a platform and a day of their own. */
export interface SealWorld extends SecretWorld {
  /** The repository's folder. */
  readonly root: string;
  readonly platform: Pins & Pick<Platform, 'name'>;
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

/** The server of this name. @throws Problem SERVER-UNKNOWN, or Problems when its own declaration is wrong */
export function serverOf(name: string, { servers }: SealWorld): Server {
  const own = servers.problems.filter(({ file }) => file?.startsWith(`servers/${name}/`));
  stopOnErrors(own);
  const [server] = pick(servers.servers, [name]);
  if (server === undefined) throw new Problems(servers.problems);
  return server;
}

/** What sealing needs of certificates: the one to seal under, all that are known, and the warnings about them. */
export interface Certificates {
  readonly pinned: PinnedCertificate;
  readonly known: readonly PinnedCertificate[];
  readonly warnings: readonly Problem[];
}

/** The certificate to seal under. @throws Problems when it is not the pinned one, unusable or expired */
export function certificatesOf({ root, platform, now }: SealWorld): Certificates {
  const { certificates, problems } = pinnedCertificates(root, platform);
  const pinned = certificates.find(({ isRetired }) => !isRetired);
  if (pinned === undefined) throw new Problems(problems);
  const about = certificateProblems(pinned, now);
  stopOnErrors(about);
  return { pinned, known: certificates, warnings: [...about, ...problems] };
}

/** What is wrong, or will be, with the certificate that is sealed under. The sample one may grow old. */
export function certificateProblems(pinned: PinnedCertificate, now: Date): Problem[] {
  const dates = checkDates(pinned, pinned.file, now).filter(({ code }) => !(pinned.isSample && code === 'CERT-OLD'));
  return [...dates, ...checkAlone(pinned)];
}

/** Answers: an object for a program, lines for a person; warnings beside them. */
export function answer(
  world: SealWorld,
  forProgram: object,
  forPerson: string,
  warnings: readonly Problem[] = [],
): void {
  if (world.isJson) {
    world.print(JSON.stringify({ ...forProgram, problems: warnings }, null, 2));
    return;
  }
  if (forPerson !== '') world.print(forPerson);
  if (warnings.length > 0) world.say(describeProblems(warnings));
}
