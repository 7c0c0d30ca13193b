import { bare, declaredObject, literalRefusal, memberOf } from './declaration';
import { overrideOf } from './image-literal';

/** A new image for only one platform. */
export interface NewOverride {
  readonly platform: string;
  /** The platforms that the server runs on now; the new object lists all of them. */
  readonly all: readonly string[];
  readonly image: string;
}

/**
 * Adds an image for one platform to a declaration with the smallest edit: in the platform's object, instead of a list of
 * platforms, or as a new field after `image`.
 * @throws Problem IMAGE-LITERAL when the field `platforms` cannot be edited
 */
export function withNewOverride(text: string, file: string, { platform, all, image }: NewOverride): string {
  const declared = declaredObject(text, file);
  const [top, field] = [memberOf(declared, 'image', file), memberOf(declared, 'platforms', file)];
  const quote = text[bare(top?.value)?.start ?? -1] === '"' ? '"' : "'";
  const member = `image: ${quote}${image}${quote}`;
  const override = overrideOf(declared, file, platform);
  if (override !== undefined) {
    const opening = (override.start ?? 0) + 1;
    const [first] = override.properties;
    if (first === undefined) return spliced(text, opening, (override.end ?? 0) - 1, ` ${member} `);
    // Copy the whitespace before the first member: a space, or a line break with its indentation.
    return spliced(
      text,
      opening,
      opening,
      `${text.slice(opening, first.start ?? opening).replace(/\S.*$/s, '')}${member},`,
    );
  }
  const key = (name: string) => (/^[A-Za-z_]\w*$/.test(name) ? name : `${quote}${name}${quote}`);
  const listed = all.map((name) => `${key(name)}: ${name === platform ? `{ ${member} }` : '{}'}`);
  const object = `{ ${listed.join(', ')} }`;
  const given = bare(field?.value);
  if (given?.type === 'ArrayExpression') return spliced(text, given.start ?? 0, given.end ?? 0, object);
  if (field !== undefined || top === undefined) throw literalRefusal(file, `it does not name "${platform}"`);
  const start = top.start ?? 0;
  const before = /(^|\n)([ \t]*)$/.exec(text.slice(0, start));
  const gap = before === null ? ' ' : `\n${before[2]}`;
  return spliced(text, top.end ?? 0, top.end ?? 0, `,${gap}platforms: ${object}`);
}

function spliced(text: string, start: number, end: number, part: string): string {
  return `${text.slice(0, start)}${part}${text.slice(end)}`;
}
