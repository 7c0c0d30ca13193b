import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository, isOlder, isPinned, parseImage } from '../../model/image';
import { Problem, type ProblemCode } from '../../model/problem';
import { pick, pickOn } from '../../model/servers';
import type { Server } from '../../model/spec';
import { literalRefusal } from './declaration';
import { imageLiteral, overrideLiteral, withImage } from './image-literal';
import { withNewOverride } from './new-override';

/** One declaration with another image. */
export interface Bump {
  readonly server: string;
  /** The declaration, from the repository's root. */
  readonly file: string;
  /** The platform whose image it is. @default - that of all platforms for which no other is declared */
  readonly platform?: string | undefined;
  /** The platforms that the server runs on. */
  readonly all: readonly string[];
  /** Those of them that run the image. */
  readonly runsOn: readonly string[];
  /** The images, whole. */
  readonly from: string;
  readonly to: string;
  /** What is written between the quotes. */
  readonly literal: string;
  /** The text of the declaration. */
  readonly before: string;
  readonly after: string;
  /** Whether the version goes back. */
  readonly isOlder: boolean;
}

/** What is to be bumped. */
export interface BumpWish {
  readonly server: string;
  /** A tag, a digest, both, or a whole reference of the image that the server has. */
  readonly image: string;
  /** @default - the image of all platforms for which no other is declared */
  readonly platform?: string | undefined;
}

/**
 * Decides what a declaration looks like with another image: written as short or as whole as it was, and in the place that
 * the platform's image has; a platform without an image of its own gets one where the server runs on others too.
 * @param root the repository's folder
 * @param declared every server on every platform
 * @throws Problem SERVER-UNKNOWN, USAGE for what is no image, UNPINNED, IMAGE-FOREIGN, or IMAGE-LITERAL
 */
export function bumpOf(root: string, declared: readonly Server[], wish: BumpWish): Bump {
  const { server: name, image: given } = wish;
  const everywhere = wish.platform === undefined ? pick(declared, [name]) : withPlatform(declared, name, wish.platform);
  const all = everywhere.map((server) => server.platform.name);
  const platform = wish.platform ?? (all.length === 1 ? all[0] : undefined);
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
    const message = `Cannot bump "${name}": every platform has an image of its own`;
    throw new Problem('PLATFORM-UNKNOWN', message, { file, path: 'platforms', fix });
  }
  const { from, to, repository } = first;
  if (inRepository(repository, literal.value) !== from) {
    throw literalRefusal(file, `the declaration makes ${from} of it`);
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

/** Whether one image is older than another, by their versions. */
export function isBefore(image: string, than: string): boolean {
  const [first, second] = [parseImage(image), parseImage(than)];
  return first !== undefined && second !== undefined && isOlder(first, second);
}

/** The warning of a bump that goes back to an earlier version. */
export function olderImage({ server, file, from, to }: Bump): Problem {
  const message = `"${server}" goes back from ${from} to ${to}`;
  return new Problem('IMAGE-OLDER', message, {
    file,
    path: 'image',
    fix: 'nothing, if that is meant',
    level: 'warning',
  });
}

/** The default export of a declaration with the image of a bump, as the text has it. */
export function edited(entry: unknown, { platform, all, literal: image }: Bump): unknown {
  const declared: Readonly<Record<string, unknown>> = Object(entry);
  if (platform === undefined) return { ...declared, image };
  const { platforms } = declared;
  const isListed = platforms === undefined || Array.isArray(platforms);
  const chosen: Readonly<Record<string, object>> = isListed
    ? Object.fromEntries(all.map((name) => [name, {}]))
    : Object(platforms);
  return { ...declared, platforms: { ...chosen, [platform]: { ...chosen[platform], image } } };
}

/** The server wherever it runs. @throws Problem SERVER-UNKNOWN also when that is not on the platform */
function withPlatform(declared: readonly Server[], name: string, platform: string): readonly Server[] {
  pickOn({ name: platform }, declared, [name]);
  return pick(declared, [name]);
}

/** What one platform runs now and shall run. @throws Problem USAGE, UNPINNED or IMAGE-FOREIGN */
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
    throw refusal('UNPINNED', 'it can change under the same name', fix);
  }
  if (wanted.repository !== repository) {
    const fix = `give an image of that repository; or, if it has moved, edit ${file} by hand and run npm run synth`;
    throw refusal('IMAGE-FOREIGN', `the server runs images of "${repository}"`, fix);
  }
  return { from, to, repository };
}
