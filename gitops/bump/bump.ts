import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository, isOlder, isPinned, parseImage } from '../../model/image';
import { Problem, type ProblemCode } from '../../model/problem';
import { pick, pickOn } from '../../model/servers';
import type { Server } from '../../model/spec';
import { literalRefusal } from './declaration';
import { imageLiteral, overrideLiteral, withImage } from './image-literal';
import { withNewOverride } from './new-override';

/** A change of the image in one declaration. */
export interface Bump {
  readonly server: string;
  /** The path of the declaration, from the repository's root. */
  readonly file: string;
  /** The platform of the image. @default - all platforms without their own image */
  readonly platform?: string | undefined;
  /** The platforms that the server runs on. */
  readonly all: readonly string[];
  /** The platforms that run the image. */
  readonly runsOn: readonly string[];
  /** The full references of the old and the new image. */
  readonly from: string;
  readonly to: string;
  /** The new text between the quotes. */
  readonly literal: string;
  /** The text of the declaration before and after. */
  readonly before: string;
  readonly after: string;
  /** Whether the new version is older. */
  readonly isOlder: boolean;
}

/** The image to declare for a server. */
export interface BumpRequest {
  readonly server: string;
  /** A tag, a digest, both, or a full reference in the server's current repository. */
  readonly image: string;
  /** @default - all platforms without their own image */
  readonly platform?: string | undefined;
}

/**
 * Computes a declaration with a new image. Keeps the form, short or full, and the place of the current one; with `platform`,
 * adds an override if the server also runs on other platforms.
 * @param root the repository's folder
 * @param declared every server on every platform
 * @throws Problem SERVER-UNKNOWN, PLATFORM-UNKNOWN, USAGE for an invalid image, UNPINNED, IMAGE-FOREIGN, or IMAGE-LITERAL
 */
export function bumpOf(root: string, declared: readonly Server[], request: BumpRequest): Bump {
  const { server: name, image: given } = request;
  const everywhere =
    request.platform === undefined ? pick(declared, [name]) : withPlatform(declared, name, request.platform);
  const all = everywhere.map((server) => server.platform.name);
  const platform = request.platform ?? (all.length === 1 ? all[0] : undefined);
  const file = `servers/${name}/server.ts`;
  const before = readFileSync(join(root, file), 'utf8');
  const overrides = new Map(all.map((each) => [each, overrideLiteral(before, file, each)]));
  const own = platform === undefined ? undefined : overrides.get(platform);
  const literal = own ?? imageLiteral(before, file);
  const runsOn = all.filter((each) => (platform === undefined ? overrides.get(each) === undefined : each === platform));
  const affected = everywhere.filter((server) => runsOn.includes(server.platform.name));
  const [first] = affected.map((server) => imagesOf(server, given, file));
  if (first === undefined) {
    const fix = `name one with --platform: ${all.join(', ')}`;
    const message = `Cannot bump "${name}": every platform has its own image`;
    throw new Problem('PLATFORM-UNKNOWN', message, { file, path: 'platforms', fix });
  }
  const { from, to, repository } = first;
  if (inRepository(repository, literal.value) !== from) {
    throw literalRefusal(file, `the declaration evaluates to ${from} instead`);
  }
  const image = literal.value === from ? to : to.slice(repository.length + 1);
  const isNew = platform !== undefined && own === undefined && all.length > 1;
  const edited = isNew ? withNewOverride(before, file, { platform, all, image }) : withImage(before, literal, image);
  const place = isNew || own !== undefined ? { platform } : {};
  const after = from === to ? before : edited;
  return {
    server: name,
    file,
    ...place,
    all,
    runsOn,
    from,
    to,
    literal: image,
    before,
    after,
    isOlder: isBefore(to, from),
  };
}

/** Whether the first image has an older version than the second. */
export function isBefore(image: string, than: string): boolean {
  const [first, second] = [parseImage(image), parseImage(than)];
  return first !== undefined && second !== undefined && isOlder(first, second);
}

/** The warning for a bump to an older version. */
export function olderImage({ server, file, from, to }: Bump): Problem {
  const message = `"${server}" is downgraded from ${from} to ${to}`;
  return new Problem('IMAGE-OLDER', message, {
    file,
    path: 'image',
    fix: 'nothing, if that is intended',
    level: 'warning',
  });
}

/** What the default export of a declaration evaluates to after a bump. */
export function bumpedEntry(entry: unknown, { platform, all, literal: image }: Bump): unknown {
  const declared: Readonly<Record<string, unknown>> = Object(entry);
  if (platform === undefined) return { ...declared, image };
  const { platforms } = declared;
  const isListed = platforms === undefined || Array.isArray(platforms);
  const chosen: Readonly<Record<string, object>> = isListed
    ? Object.fromEntries(all.map((name) => [name, {}]))
    : Object(platforms);
  return { ...declared, platforms: { ...chosen, [platform]: { ...chosen[platform], image } } };
}

/** The server on all its platforms. @throws Problem SERVER-UNKNOWN, also if it does not run on the given platform */
function withPlatform(declared: readonly Server[], name: string, platform: string): readonly Server[] {
  pickOn({ name: platform }, declared, [name]);
  return pick(declared, [name]);
}

/** The current and the new image on one platform. @throws Problem USAGE, UNPINNED or IMAGE-FOREIGN */
function imagesOf({ name, image: from }: Server, given: string, file: string) {
  const refusal = (code: ProblemCode, reason: string, fix: string) =>
    new Problem(code, `Cannot bump "${name}" to "${given}": ${reason}`, { file, path: 'image', fix });
  const repository = parseImage(from)?.repository ?? '';
  const to = inRepository(repository, given);
  const wanted = parseImage(to);
  if (wanted === undefined) {
    const fix = `npm run bump -- ${name} <tag>, or <image>@sha256:<64 hex digits>`;
    throw refusal('USAGE', 'it is neither a tag nor an image', fix);
  }
  if (!isPinned(wanted)) {
    const fix = 'give an exact version such as 1.0.1, or a digest: name@sha256:…';
    throw refusal('UNPINNED', 'it is a moving tag', fix);
  }
  if (wanted.repository !== repository) {
    const fix = `give an image from that repository; or, if the repository has moved, edit ${file} by hand and run npm run synth`;
    throw refusal('IMAGE-FOREIGN', `the server runs images of "${repository}"`, fix);
  }
  return { from, to, repository };
}
