import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { engineEntry } from '../../worker/catalog/engine-entry';
import { isObject } from '../../worker/json';

/** Whether a value is valid for a JSON Schema. */
export type Validator = (value: unknown) => boolean;

/**
 * The validators of clients: SDK 1.x (1.32.2), the Inspector (2.12, which uses SDK 2.x), and Ajv with its defaults.
 * @throws Error if one of them cannot compile the schema, which makes a client reject the whole list
 */
export function clientValidators(schema: object): readonly Validator[] {
  const sdk = sdk1.getValidator(schema);
  return [
    (value) => sdk(value).valid,
    ...[inspector, strict].map((ajv) => {
      const validate = ajv.compile(schema);
      return (value: unknown) => validate(value) === true;
    }),
  ];
}

const sdk1 = new AjvJsonSchemaValidator();
const inspector = new Ajv2020({ strict: false, validateFormats: true, validateSchema: false, allErrors: true });
const strict = new Ajv({ strictTypes: false });
for (const ajv of [inspector, strict]) addFormats(ajv);

type Entry = ReturnType<typeof engineEntry>;
type ValueSchema = Entry['input']['parameters'][number]['value_schema'];

/** The names of the rules of arcade-core's models (1.26.0) that a value schema violates. */
export function schemaIssuesOf(schema: ValueSchema): readonly string[] {
  const { val_type: type, inner_val_type: inner, enum: values, properties, inner_properties: innerProperties } = schema;
  const isText = type === 'string' || inner === 'string';
  const wrong: readonly (readonly [string, boolean])[] = [
    ['val_type', !['string', 'integer', 'number', 'boolean', 'json', 'array'].includes(type)],
    ['inner_val_type', (type === 'array') !== (inner !== null) || inner === 'array'],
    ['enum', values !== null && (!isText || values.some((value) => typeof value !== 'string'))],
    ['properties', properties !== null && type !== 'json'],
    ['inner_properties', innerProperties !== null && inner !== 'json'],
    ['required_keys', !areKeysOf(properties, schema.required_keys)],
    ['inner_required_keys', !areKeysOf(innerProperties, schema.inner_required_keys)],
    ['nullable', schema.nullable !== true && schema.nullable !== null],
    ['members', Object.keys(schema).length !== 9],
  ];
  return [
    ...wrong.filter(([, isWrong]) => isWrong).map(([what]) => what),
    ...Object.values({ ...properties, ...innerProperties }).flatMap(schemaIssuesOf),
  ];
}

function areKeysOf(properties: ValueSchema['properties'], keys: readonly string[] | null): boolean {
  if (properties === null || keys === null) return properties === null && keys === null;
  return keys.every((key) => key in properties) && [...keys].sort().join() === keys.join();
}

/** Whether a value is valid for a value schema of the engine's catalogue. */
export function fitsEngine(schema: ValueSchema, value: unknown): boolean {
  const { val_type: type, inner_val_type: inner } = schema;
  if (value === null && schema.nullable) return true;
  if (type !== 'array') return fitsType(type, schema, value);
  const item = { ...schema, properties: schema.inner_properties, required_keys: schema.inner_required_keys };
  return Array.isArray(value) && value.every((each) => fitsType(inner ?? '', item, each));
}

function fitsType(type: string, schema: ValueSchema, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' && (schema.enum === null || schema.enum.includes(value));
    case 'integer':
      return Number.isInteger(value);
    case 'json':
      return isObject(value) && (schema.properties === null || fitsMembers(schema.properties, schema, value));
    default:
      return typeof value === type;
  }
}

function fitsMembers(
  properties: NonNullable<ValueSchema['properties']>,
  { required_keys: required }: ValueSchema,
  value: Readonly<Record<string, unknown>>,
): boolean {
  return (
    (required ?? []).every((key) => value[key] !== undefined) &&
    Object.entries(value).every(([key, member]) => {
      const known = properties[key];
      return known !== undefined && fitsEngine(known, member);
    })
  );
}
