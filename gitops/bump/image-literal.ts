import { bare, declaredObject, literalRefusal, memberOf, type ObjectLiteral, type Property } from './declaration';

/** The text between the quotes of an image in a declaration, and its position. */
export interface ImageLiteral {
  readonly value: string;
  /** The offsets of the text in the file, without the quotes. */
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the image of a declaration for all platforms without their own.
 * @param file its path from the repository's root, for messages
 * @throws Problem IMAGE-LITERAL unless it is a plain string in the declared object
 */
export function imageLiteral(text: string, file: string): ImageLiteral {
  const found = memberOf(declaredObject(text, file), 'image', file);
  if (found === undefined) throw literalRefusal(file, 'the declaration has no field "image"');
  return literalOf(found, text, file);
}

/**
 * Finds the image of a declaration for one platform, `platforms.<platform>.image`; undefined if there is none.
 * @throws Problem IMAGE-LITERAL unless it is a plain string
 */
export function overrideLiteral(text: string, file: string, platform: string): ImageLiteral | undefined {
  const override = overrideOf(declaredObject(text, file), file, platform);
  const found = override && memberOf(override, 'image', file);
  return found && literalOf(found, text, file);
}

/** The object of one platform under `platforms`; undefined if there is none. */
export function overrideOf(declared: ObjectLiteral, file: string, platform: string): ObjectLiteral | undefined {
  const platforms = bare(memberOf(declared, 'platforms', file)?.value);
  if (platforms === undefined || platforms.type === 'ArrayExpression') return undefined;
  if (platforms.type !== 'ObjectExpression') throw literalRefusal(file, '"platforms" is neither a list nor an object');
  const override = bare(memberOf(platforms, platform, file)?.value);
  if (override === undefined || override.type === 'ObjectExpression') return override;
  throw literalRefusal(file, `platforms.${platform} is not an object literal`);
}

/** The text with the image replaced and nothing else changed. */
export function withImage(text: string, { start, end }: Pick<ImageLiteral, 'start' | 'end'>, image: string): string {
  return `${text.slice(0, start)}${image}${text.slice(end)}`;
}

function literalOf({ value, shorthand }: Property, text: string, file: string): ImageLiteral {
  const found = bare(value);
  if (shorthand || found?.type !== 'StringLiteral') {
    throw literalRefusal(file, `it is written as ${nouns[found?.type ?? ''] ?? 'an expression'}`);
  }
  const [start, end] = [(found.start ?? 0) + 1, (found.end ?? 0) - 1];
  // Offsets match the value only without escapes, and an image needs none.
  if (text.slice(start, end) !== found.value) throw literalRefusal(file, 'it is written with escapes');
  return { value: found.value, start, end };
}

const nouns: Readonly<Record<string, string>> = {
  TemplateLiteral: 'a template literal',
  Identifier: 'a variable',
  MemberExpression: 'a property access',
  CallExpression: 'a function call',
  ConditionalExpression: 'a conditional expression',
};
