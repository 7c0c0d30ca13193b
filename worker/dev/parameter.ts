import { z } from 'zod';

/** The type of a value in a worker's catalogue: the fields that reading a command line needs (arcade-mcp-server 1.26.0). */
export const ValueSchema = z.looseObject({
  val_type: z.string(),
  inner_val_type: z.string().nullish(),
  enum: z.array(z.string()).nullish(),
  get properties() {
    return z.record(z.string(), ValueSchema).nullish();
  },
  get inner_properties() {
    return z.record(z.string(), ValueSchema).nullish();
  },
});

export type ValueSchema = z.output<typeof ValueSchema>;

/** One parameter of a tool. */
export const Parameter = z.looseObject({
  name: z.string(),
  required: z.boolean().default(false),
  value_schema: ValueSchema,
});

export type Parameter = z.output<typeof Parameter>;

/** The type of a member; undefined for one that the catalogue does not describe. */
export function typeOfMember({ properties }: ValueSchema, name: string): ValueSchema | undefined {
  return properties?.[name];
}

/** The type of an item of a list. */
export function typeOfItem({ inner_val_type, inner_properties, enum: values }: ValueSchema): ValueSchema | undefined {
  if (inner_val_type === null || inner_val_type === undefined) return undefined;
  return { val_type: inner_val_type, properties: inner_properties, enum: values };
}

/** How to write a parameter on a command line, such as `pace=slow|fast`; in brackets when it is optional. */
export function formOf({ name, required, value_schema }: Parameter): string {
  const form = formOfValue(name, value_schema);
  return required ? form : `[${form}]`;
}

/** How to write a value at a place, such as `filter.tags[]=<text>`. */
export function formOfValue(place: string, schema: ValueSchema): string {
  const { val_type, enum: values, properties } = schema;
  if (val_type === 'array') return formOfValue(`${place}[]`, typeOfItem(schema) ?? { val_type: 'json' });
  if (values !== null && values !== undefined) return `${place}=${values.join('|')}`;
  if (val_type !== 'json') return `${place}=${kinds[val_type] ?? `<${val_type}>`}`;
  const [first, ...more] = Object.entries(properties ?? {});
  if (first === undefined) return `${place}=<JSON>`;
  const [name, member] = first;
  return `${formOfValue(`${place}.${name}`, member)}${more.length === 0 ? '' : ' …'}`;
}

const kinds: Readonly<Record<string, string>> = {
  string: '<text>',
  integer: '<whole number>',
  number: '<number>',
  boolean: 'true|false',
};
