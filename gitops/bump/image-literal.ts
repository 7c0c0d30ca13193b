import { parse } from '@babel/parser';
import { Problem } from '../../model/problem';

/** The text between the quotes of a declaration's image, and where it stands. */
export interface ImageLiteral {
  readonly value: string;
  /** The offsets of the text in the file, without the quotes. */
  readonly start: number;
  readonly end: number;
}

type Statement = ReturnType<typeof parse>['program']['body'][number];
type Exported = Extract<Statement, { type: 'ExportDefaultDeclaration' }>['declaration'];
type Literal = Extract<Exported, { type: 'ObjectExpression' }>;
type Value = Extract<Literal['properties'][number], { type: 'ObjectProperty' }>['value'];
type Argument = Extract<Exported, { type: 'CallExpression' }>['arguments'][number];
type Node = Exported | Value | Argument;

/**
 * Finds the image in the text of a declaration, which is parsed and never run.
 * @param file its path from the repository's root, for messages
 * @throws Problem IMAGE-LITERAL unless the image is a plain string in the object that the file declares
 */
export function imageLiteral(text: string, file: string): ImageLiteral {
  const found = memberOf(declared(text, file), 'image', file);
  if (found === undefined) throw literalRefusal(file, 'the declaration has no image of its own');
  if (found.type !== 'StringLiteral')
    throw literalRefusal(file, `it is written as ${nouns[found.type] ?? 'an expression'}`);
  const [start, end] = [(found.start ?? 0) + 1, (found.end ?? 0) - 1];
  // An escape could stand for anything, and an image needs none.
  if (text.slice(start, end) !== found.value) throw literalRefusal(file, 'it is written with escapes');
  return { value: found.value, start, end };
}

/** The same text with another image; nothing else of it changes. */
export function withImage(text: string, { start, end }: ImageLiteral, image: string): string {
  return `${text.slice(0, start)}${image}${text.slice(end)}`;
}

/** The object that is declared: `export default defineServer({ … })`, or the object alone. */
function declared(text: string, file: string): Literal {
  const given = bare(defaultExport(text, file));
  const inside = given?.type === 'CallExpression' && given.arguments.length === 1 ? given.arguments[0] : given;
  const object = bare(inside);
  if (object?.type === 'ObjectExpression') return object;
  throw literalRefusal(file, 'the file does not declare one object: export default defineServer({ … })');
}

function defaultExport(text: string, file: string): Node | undefined {
  try {
    const { body } = parse(text, { sourceType: 'module', plugins: ['typescript'] }).program;
    return body.flatMap((statement) => (statement.type === 'ExportDefaultDeclaration' ? statement.declaration : []))[0];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw literalRefusal(file, `the file cannot be parsed: ${reason}`, cause);
  }
}

/** What a member of an object is set to; undefined when it is not there. A spread behind it could set it again. */
function memberOf({ properties }: Literal, name: string, file: string): Node | undefined {
  const at = properties.flatMap((property, index) => (keyOf(property) === name ? index : []));
  const [index, ...others] = at;
  if (others.length > 0) throw literalRefusal(file, `"${name}" is written twice`);
  if (properties.slice(index ?? 0).some(({ type }) => type === 'SpreadElement'))
    throw literalRefusal(file, 'other values are spread over it');
  const property = index === undefined ? undefined : properties[index];
  if (property?.type !== 'ObjectProperty') return undefined;
  if (property.shorthand) throw literalRefusal(file, `it is written as ${nouns.Identifier}`);
  return bare(property.value);
}

function keyOf(property: Literal['properties'][number]): string | undefined {
  if (property.type === 'SpreadElement' || property.computed) return undefined;
  const { key } = property;
  return key.type === 'Identifier' ? key.name : key.type === 'StringLiteral' ? key.value : undefined;
}

/** A node without what types alone are told by: `… as const`, `… satisfies ServerEntry`. */
function bare(node: Node | undefined): Node | undefined {
  const isWrapped = node?.type === 'TSAsExpression' || node?.type === 'TSSatisfiesExpression';
  return isWrapped ? bare(node.expression) : node;
}

const nouns: Readonly<Record<string, string>> = {
  TemplateLiteral: 'a template',
  Identifier: 'the name of something else',
  MemberExpression: 'a member of something else',
  CallExpression: 'a call',
  ConditionalExpression: 'a choice',
};

/** The problem of an image that cannot be changed where it stands. */
export function literalRefusal(file: string, reason: string, cause?: unknown): Problem {
  return new Problem('IMAGE-LITERAL', `Cannot change the image in ${file}: ${reason}`, {
    file,
    path: 'image',
    fix: "write it there as a plain string, such as image: '1.0.1'; or edit the file by hand and run npm run synth",
    cause,
  });
}
