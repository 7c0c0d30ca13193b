import type { ErrorObject, ValidateFunction } from 'ajv';
import schemas from '../../imports/schemas.json';
import * as validators from '../../imports/validators';
import { at } from '../../model/json';
import { nearest } from '../../model/nearest';
import type { Finding, ObjectCheck } from './check';

/**
 * A custom resource has the fields that its definition names and no others, in the version that is served.
 * The Kubernetes API's own kinds are typed by the constructs and pass.
 */
export const schema: ObjectCheck = (object) => {
  const [group = '', version] = object.apiVersion.split('/');
  const known = Object.keys(schemas).find((key) => key.startsWith(`${group}/`) && key.endsWith(`/${object.kind}`));
  if (known === undefined) return [];
  const [, served = ''] = known.split('/');
  if (version !== served) {
    const found = `"${object.apiVersion}" is gone from current releases`;
    return [{ code: 'API-REMOVED', path: 'apiVersion', found, fix: `write ${group}/${served}` }];
  }
  const { kind } = object;
  const validate = (validators as Readonly<Record<string, ValidateFunction>>)[kind];
  if (validate === undefined || validate(object)) return [];
  return withoutEchoes(validate.errors ?? []).map((error) => findingOf(error, kind));
};

/** `anyOf` and `oneOf` report each branch and then themselves; the branches say it better. */
function withoutEchoes(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const plain = errors.filter(({ keyword }) => !['anyOf', 'oneOf', 'if'].includes(keyword));
  return plain.length > 0 ? plain : errors;
}

function findingOf({ instancePath, params, message, schemaPath }: ErrorObject, kind: string): Finding {
  const path = instancePath.slice(1).replaceAll('/', '.') || 'the object';
  const unknown: unknown = params.additionalProperty;
  if (typeof unknown !== 'string') {
    const fix = 'correct it as its definition in imports/crds says';
    return { code: 'SCHEMA', path, found: message ?? 'does not fit', fix };
  }
  const fields = fieldsAt(schemaPath, kind);
  const meant = nearest(unknown, fields);
  const fix = meant === undefined ? `take it out; the fields are ${fields.join(', ')}` : `write "${meant}"`;
  return { code: 'SCHEMA', path: `${path}.${unknown}`, found: 'is not a field', fix };
}

/** The fields beside the rule that a path such as `#/properties/spec/additionalProperties` leads to. */
function fieldsAt(schemaPath: string, kind: string): readonly string[] {
  const [, schema] = Object.entries(schemas).find(([key]) => key.endsWith(`/${kind}`)) ?? [];
  const steps = schemaPath.split('/').slice(1, -1).map(decodeURIComponent);
  return Object.keys(at(schema, ...steps, 'properties') ?? {});
}
