import { z } from 'zod';
import type { Issues } from './issues';
import { parametersSchema } from './json-schema';
import { readerOf } from './reader';
import { type Field, fieldOf, type Member } from './shape';

/** The schema of an answer: an object of strings, numbers, booleans and choices, or just its members. */
export type Answers<Shape extends z.ZodRawShape> = Shape | z.ZodObject<Shape>;

/** A question for a client, and the reader of its answer. */
export interface Form {
  /** The text shown to the person. */
  readonly message: string;
  /** The flat JSON Schema that MCP allows in forms (2025-11-25, elicitation). */
  readonly requestedSchema: {
    readonly type: 'object';
    readonly properties: Readonly<Record<string, object>>;
    readonly required?: readonly string[];
  };
  /** Reads the filled-in form. */
  read(content: unknown): ReturnType<ReturnType<typeof readerOf>>;
}

/**
 * Builds the form for a schema.
 * @throws Error that names the member that a form cannot have: nested or nullable
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
      properties: Object.fromEntries(
        Object.entries(properties ?? {}).map(([name, each]) => [name, supportedKeywords(each)]),
      ),
      ...(Array.isArray(required) ? { required } : {}),
    },
    read: readerOf(field, 'inputs'),
  } as const;
  prepared.set(answers, form);
  return { message, ...form };
}

/** Caches the form of each schema. */
const prepared = new WeakMap<object, Omit<Form, 'message'>>();

function refuseNested({ name, nullable, ...field }: Member): void {
  const isChoices = field.shape.kind === 'list' && field.shape.item.shape.kind === 'choice';
  if (!nullable && (isChoices || isScalar(field))) return;
  throw new Error(
    `Cannot ask for "${name}": a form can have strings, numbers, booleans, choices and lists of choices; ` +
      'ask for each value separately, and mark optional values with .optional()',
  );
}

function isScalar({ shape }: Pick<Field, 'shape'>): boolean {
  return ['string', 'integer', 'number', 'boolean', 'choice'].includes(shape.kind);
}

/** Drops the keywords that forms do not support. The reader still checks them in the answer. */
function supportedKeywords(schema: object): object {
  return Object.fromEntries(Object.entries(schema).filter(isSupported));
}

function isSupported([keyword, value]: readonly [string, unknown]): boolean {
  if (keyword === 'format') return value === 'date' || value === 'date-time';
  // The bounds of the safe integers mean nothing to a person.
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

/** Describes what is wrong with an answer, for the person who gave it. */
export function describeIssues(issues: Issues): string {
  return issues.describe(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`));
}
