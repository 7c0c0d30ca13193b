import { parse } from '@babel/parser';
import { Problem } from '../../model/problem';

type Statement = ReturnType<typeof parse>['program']['body'][number];
type Exported = Extract<Statement, { type: 'ExportDefaultDeclaration' }>['declaration'];
type Argument = Extract<Exported, { type: 'CallExpression' }>['arguments'][number];

/** An object literal, with the offsets of its parts. */
export type ObjectLiteral = Extract<Exported, { type: 'ObjectExpression' }>;
export type Property = Extract<ObjectLiteral['properties'][number], { type: 'ObjectProperty' }>;
/** A default export, the value of a member, or an argument. */
export type Node = Exported | Property['value'] | Argument;

/**
 * Parses the object that a `server.ts` declares, without running it: `export default defineServer({ … })`, or a bare object.
 * @param file its path from the repository's root, for messages
 * @throws Problem IMAGE-LITERAL when the default export is anything else
 */
export function declaredObject(text: string, file: string): ObjectLiteral {
  const given = bare(defaultExport(text, file));
  const inside = given?.type === 'CallExpression' && given.arguments.length === 1 ? given.arguments[0] : given;
  const object = bare(inside);
  if (object?.type === 'ObjectExpression') return object;
  throw literalRefusal(file, 'its default export is not one object: export default defineServer({ … })');
}

/**
 * A member of an object; undefined if missing.
 * @throws Problem IMAGE-LITERAL when it is written twice, or a later spread could override it
 */
export function memberOf({ properties }: ObjectLiteral, name: string, file: string): Property | undefined {
  const at = properties.flatMap((property, index) => (keyOf(property) === name ? index : []));
  const [index, ...others] = at;
  if (others.length > 0) throw literalRefusal(file, `"${name}" is written twice`);
  if (properties.slice(index ?? 0).some(({ type }) => type === 'SpreadElement')) {
    throw literalRefusal(file, `a later spread may override "${name}"`);
  }
  const property = index === undefined ? undefined : properties[index];
  return property?.type === 'ObjectProperty' ? property : undefined;
}

/** A node without type-only wrappers: `… as const`, `… satisfies ServerEntry`. */
export function bare(node: Node | undefined): Node | undefined {
  const isWrapped = node?.type === 'TSAsExpression' || node?.type === 'TSSatisfiesExpression';
  return isWrapped ? bare(node.expression) : node;
}

/** The problem for an image that cannot be edited in place. */
export function literalRefusal(file: string, reason: string, cause?: unknown): Problem {
  return new Problem('IMAGE-LITERAL', `Cannot change the image in ${file}: ${reason}`, {
    file,
    path: 'image',
    fix: "write it there as a plain string, such as image: '1.0.1'; or edit the file by hand and run npm run synth",
    cause,
  });
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

function keyOf(property: ObjectLiteral['properties'][number]): string | undefined {
  if (property.type === 'SpreadElement' || property.computed) return undefined;
  const { key } = property;
  return key.type === 'Identifier' ? key.name : key.type === 'StringLiteral' ? key.value : undefined;
}
