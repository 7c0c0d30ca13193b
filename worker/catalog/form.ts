import { z } from 'zod';
import type { Issues } from './issues';
import { parametersSchema } from './json-schema';
import { readerOf } from './reader';
import { type Field, fieldOf, type Member } from './shape';

/** What may be asked: an object of texts, numbers, booleans and choices, or its members alone. */
export type Answers<Shape extends z.ZodRawShape> = Shape | z.ZodObject<Shape>;

/** A question as clients get it, and how its answer is read. */
export interface Form {
  /** What the person is told. */
  readonly message: string;
  /** The flat JSON Schema that MCP has for forms (2025-11-25, elicitation). */
  readonly requestedSchema: {
    readonly type: 'object';
    readonly properties: Readonly<Record<string, object>>;
    readonly required?: readonly string[];
  };
  /** Reads what was filled in. */
  read(content: unknown): ReturnType<ReturnType<typeof readerOf>>;
}

/**
 * The form for a schema.
 * @throws Error that names the member, for what no form can hold: what is nested, or may be null
 */
export function formOf<Shape extends z.ZodRawShape>(answers: Answers<Shape>, message: string): Form {
  const known = prepared.get(answers);
  if (known !== undefined) return { message, ...known };
  const field = fieldOf(answers instanceof z.ZodObject ? answers : z.strictObject(answers), 'answer');
  const members = field.shape.kind === 'object' ? field.shape.members : [];
  for (const member of members) refuseNested(member);
  const { properties, required } = parametersSchema(members);
  const form = {
    requestedSchema: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(properties ?? {}).map(([name, each]) => [name, sayable(each)])),
      ...(Array.isArray(required) ? { required } : {}),
    },
    read: readerOf(field, 'inputs'),
  } as const;
  prepared.set(answers, form);
  return { message, ...form };
}

/** A schema is looked at once, however often it is asked. */
const prepared = new WeakMap<object, Omit<Form, 'message'>>();

function refuseNested({ name, nullable, ...field }: Member): void {
  const isChoices = field.shape.kind === 'list' && field.shape.item.shape.kind === 'choice';
  if (!nullable && (isChoices || isScalar(field))) return;
  throw new Error(
    `Cannot ask for "${name}": a form has texts, numbers, booleans, choices and lists of choices; ` +
      'ask for each value by itself, and use .optional() for what may be left out',
  );
}

function isScalar({ shape }: Pick<Field, 'shape'>): boolean {
  return ['string', 'integer', 'number', 'boolean', 'choice'].includes(shape.kind);
}

/** Without what forms have no word for. It is checked when the answer comes. */
function sayable(schema: object): object {
  return Object.fromEntries(Object.entries(schema).filter(isSayable));
}

function isSayable([keyword, value]: readonly [string, unknown]): boolean {
  if (keyword === 'format') return value === 'date' || value === 'date-time';
  // The bounds of all whole numbers say nothing to a person.
  return keywords.has(keyword) && Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER;
}

const keywords = new Set([
  'type',
  'description',
  'default',
  'enum',
  'items',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
]);

/** What is wrong with an answer, for the person who gave it. */
export function describeIssues(issues: Issues): string {
  return issues.describe(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`));
}
