import { z } from 'zod';
import type { Platform } from './platform';
import { rule } from './schema-problems';

/** A parsed image reference; a pinned one has a tag, a digest or both. */
export interface Image {
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/**
 * Splits an image reference.
 * @returns the parts, or undefined for text that is not an image reference (grammar: distribution/reference 0.6.0)
 */
export function parseImage(reference: string): Image | undefined {
  const match =
    /^(?<repository>[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/.exec(
      reference,
    );
  const { repository, tag, digest } = match?.groups ?? {};
  return repository === undefined ? undefined : { repository, tag, digest };
}

/** Whether the reference always names the same build: a digest, a full version or a commit. `1`, `1.0`, `main` move. */
export function isPinned({ tag, digest }: Image): boolean {
  return digest !== undefined || (tag !== undefined && (wholeVersion.test(tag) || commit.test(tag)));
}

/** Completes `1.0.1`, `1.0.1@sha256:…` and `sha256:…` with the repository; returns any other reference unchanged. */
export function inRepository(repository: string, reference: string): string {
  if (/^sha256:[0-9a-f]+$/.test(reference)) return `${repository}@${reference}`;
  return /^\w[\w.-]*(@.*)?$/.test(reference) ? `${repository}:${reference}` : reference;
}

/**
 * Whether an image has an earlier version than another, in the order of semver.org 2.0.0, where further numbers (builds)
 * also compare. False if one of them has no version.
 */
export function isOlder({ tag = '' }: Image, than: Image): boolean {
  const [first, second] = [versionIn(tag), versionIn(than.tag ?? '')];
  if (first === undefined || second === undefined) return false;
  const order = compare(first.numbers, second.numbers);
  if (order !== 0 || first.suffix.length === 0) return order < 0;
  // A prerelease comes before its release.
  return second.suffix.length === 0 || compare(first.suffix, second.suffix) < 0;
}

function versionIn(
  tag: string,
): { readonly numbers: readonly string[]; readonly suffix: readonly string[] } | undefined {
  const [, numbers, suffix = ''] = /^v?(\d+\.\d+\.\d+(?:\.\d+)*)(?:[.-](.+))?$/.exec(tag) ?? [];
  return numbers === undefined ? undefined : { numbers: numbers.split('.'), suffix: suffix.match(/[^.-]+/g) ?? [] };
}

/** Compares part by part: numbers by value and before words; a shorter list before a longer one. */
function compare(first: readonly string[], second: readonly string[]): number {
  for (const [index, part] of first.entries()) {
    const other = second[index];
    if (other === undefined) return 1;
    const [isNumber, otherIsNumber] = [/^\d+$/.test(part), /^\d+$/.test(other)];
    if (isNumber && otherIsNumber && BigInt(part) !== BigInt(other)) return BigInt(part) < BigInt(other) ? -1 : 1;
    if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
    if (!isNumber && part !== other) return part < other ? -1 : 1;
  }
  return first.length < second.length ? -1 : 0;
}

const wholeVersion = /^v?\d+\.\d+\.\d+([.-][\w.-]+)?$/;
const commit = /^(sha-)?(?=.*\d)[0-9a-f]{7,40}$/;

/** Checks an image against the platform: a server with tools must use its own repository there, which may be left out. */
export function imageRule(name: string, platform: Platform, tools: readonly string[] | undefined) {
  return z.string().superRefine((reference, context) => {
    const image = parseImage(tools === undefined ? reference : wholeImage(reference, name, platform));
    const own = `${platform.registry}/${name}`;
    if (image === undefined) {
      const form = tools === undefined ? 'registry/repository:version' : 'only the version, such as 1.0.1';
      rule(context, 'SERVER-FIELD', 'is not an image reference', `write ${form}`);
    } else if (!isPinned(image)) {
      const found = image.tag === undefined ? 'has no version' : `has the moving tag "${image.tag}"`;
      rule(context, 'UNPINNED', found, 'end it in an exact version such as :1.0.1, or in a digest @sha256:…');
    } else if (tools !== undefined && image.repository !== own) {
      const fix = `write ${own}:<version> or only the version; or remove tools/ if the image is built elsewhere`;
      rule(context, 'IMAGE-FOREIGN', `is not "${own}", the image that is built from this folder's tools/`, fix);
    }
  });
}

/** Completes a version or digest with the server's own repository. */
export function wholeImage(reference: string, name: string, { registry }: Platform): string {
  return inRepository(`${registry}/${name}`, reference);
}
