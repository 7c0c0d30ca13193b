import type { ErrorObject, ValidateFunction } from 'ajv';
import schemas from '../../imports/schemas.json';
import * as validators from '../../imports/validators';
import { at } from '../../model/json';
import { nearest } from '../../model/nearest';
import type { Finding, ObjectCheck } from './check';

/**
 * Validates an object against the schema of its served version: a built-in kind against the Kubernetes release in
 * imports/kubernetes.json, a custom resource against its own definition.
 */
export const schema: ObjectCheck = (object) => {
  const { apiVersion } = object;
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const known = Object.keys(schemas).find((key) => key.startsWith(`${group}/`) && key.endsWith(`/${object.kind}`));
  if (known === undefined) return [];
  const [, served = ''] = known.split('/');
  if (version !== served) {
    const found = `"${apiVersion}" is no longer served by current releases`;
    return [
      { code: 'API-REMOVED', path: 'apiVersion', found, fix: `write ${group === '' ? '' : `${group}/`}${served}` },
    ];
  }
  const { kind } = object;
  const validate = (validators as Readonly<Record<string, ValidateFunction>>)[kind];
  if (validate === undefined || validate(object)) return [];
  return mostSpecific(validate.errors ?? []).map((error) => findingOf(error, kind));
};

/** `anyOf` and `oneOf` report each branch and then themselves; the errors of the branches are clearer. */
function mostSpecific(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const plain = errors.filter(({ keyword }) => !['anyOf', 'oneOf', 'if'].includes(keyword));
  return plain.length > 0 ? plain : errors;
}

function findingOf({ instancePath, params, message }: ErrorObject, kind: string): Finding {
  const steps = instancePath.split('/').slice(1).map(unescapedStep);
  const path = steps.join('.') || 'the object';
  const unknown: unknown = params.additionalProperty;
  if (typeof unknown !== 'string') {
    const fix = 'correct it according to its definition in imports/';
    return { code: 'SCHEMA', path, found: message ?? 'does not match its schema', fix };
  }
  const fields = fieldsAt(steps, kind);
  const meant = nearest(unknown, fields);
  const fix = meant === undefined ? `remove it; the fields are ${fields.join(', ')}` : `write "${meant}"`;
  return { code: 'SCHEMA', path: `${path}.${unknown}`, found: 'is not a field', fix };
}

/** Unescapes a step of a JSON pointer (RFC 6901). */
function unescapedStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The fields that the schema allows at a path. */
function fieldsAt(steps: readonly string[], kind: string): readonly string[] {
  const [, whole] = Object.entries(schemas).find(([key]) => key.endsWith(`/${kind}`)) ?? [];
  const schema = steps.reduce<unknown>((each, step) => {
    const { properties, items, additionalProperties } = Object(pointedTo(each));
    return at(properties, step) ?? items ?? additionalProperties;
  }, whole);
  return Object.keys(Object(Object(pointedTo(schema)).properties));
}

/** Resolves `$ref`, which only schemas of the Kubernetes API have, into their file of definitions. */
function pointedTo(schema: unknown): unknown {
  const pointer = at(schema, '$ref');
  if (typeof pointer !== 'string') return schema;
  // Loaded only to report a mistake: loading it on every start would be slow.
  const { definitions } = require('../../imports/kubernetes.json') as { definitions: unknown };
  return pointedTo(at(definitions, pointer.split('/').at(-1) ?? ''));
}
