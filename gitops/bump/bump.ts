import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository, isOlder, isPinned, parseImage } from '../../model/image';
import { Problem, type ProblemCode } from '../../model/problem';
import type { Server } from '../../model/spec';
import { imageLiteral, literalRefusal, withImage } from './image-literal';

/** One declaration with another image. */
export interface Bump {
  readonly server: string;
  /** The declaration, from the repository's root. */
  readonly file: string;
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

/**
 * Decides what a declaration looks like with another image: written as short or as whole as it was.
 * @param root the repository's folder
 * @param given a tag, a digest, both, or a whole reference of the image that the server has
 * @throws Problem USAGE for what is no image, UNPINNED, IMAGE-FOREIGN, or IMAGE-LITERAL
 */
export function bumpOf(root: string, server: Server, given: string): Bump {
  const { name, source: file, image: from } = server;
  const before = readFileSync(join(root, file), 'utf8');
  const literal = imageLiteral(before, file);
  const declared = parseImage(from);
  const to = inRepository(declared?.repository ?? '', given);
  const wanted = parseImage(to);
  const refusal = (code: ProblemCode, reason: string, fix: string) =>
    new Problem(code, `Cannot bump "${name}" to "${given}": ${reason}`, { file, path: 'image', fix });
  if (declared === undefined || wanted === undefined) {
    const fix = `npm run bump -- ${name} <tag>, or <image>@sha256:<64 hex digits>`;
    throw refusal('USAGE', 'it is neither a tag nor an image', fix);
  }
  if (!isPinned(wanted)) {
    const fix = 'give an exact version such as 1.0.1, or a digest: name@sha256:…';
    throw refusal('UNPINNED', 'it can change under the same name', fix);
  }
  if (wanted.repository !== declared.repository) {
    const fix = `give an image of that repository; or, if it has moved, edit ${file} by hand and run npm run synth`;
    throw refusal('IMAGE-FOREIGN', `the server runs images of "${declared.repository}"`, fix);
  }
  if (inRepository(declared.repository, literal.value) !== from) {
    throw literalRefusal(file, `the declaration makes ${from} of it`);
  }
  const text = literal.value === from ? to : to.slice(declared.repository.length + 1);
  const after = from === to ? before : withImage(before, literal, text);
  return { server: name, file, from, to, literal: text, before, after, isOlder: isOlder(wanted, declared) };
}

/** The warning of a bump that goes back to an earlier version. */
export function olderImage({ server, file, from, to }: Bump): Problem {
  const fix = 'nothing, if that is meant';
  const message = `"${server}" goes back from ${from} to ${to}`;
  return new Problem('IMAGE-OLDER', message, { file, path: 'image', fix, level: 'warning' });
}
