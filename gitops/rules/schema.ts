import type { ErrorObject, ValidateFunction } from 'ajv';
import schemas from '../../imports/schemas.json';
import * as validators from '../../imports/validators';
import { at } from '../../model/json';
import { nearest } from '../../model/nearest';
import type { Finding, ObjectCheck } from './check';

/**
 * An object has the fields that its definition names and no others, in the version that is served: one of the Kubernetes
 * API's own kinds those of the release in imports/kubernetes.json, a custom resource those of its own definition.
 */
export const schema: ObjectCheck = (object) => {
  const { apiVersion } = object;
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const known = Object.keys(schemas).find((key) => key.startsWith(`${group}/`) && key.endsWith(`/${object.kind}`));
  if (known === undefined) return [];
  const [, served = ''] = known.split('/');
  if (version !== served) {
    const found = `"${apiVersion}" is gone from current releases`;
    return [
      { code: 'API-REMOVED', path: 'apiVersion', found, fix: `write ${group === '' ? '' : `${group}/`}${served}` },
    ];
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

function findingOf({ instancePath, params, message }: ErrorObject, kind: string): Finding {
  const steps = instancePath.split('/').slice(1).map(unescapedStep);
  const path = steps.join('.') || 'the object';
  const unknown: unknown = params.additionalProperty;
  if (typeof unknown !== 'string') {
    const fix = 'correct it as its definition in imports/ says';
    return { code: 'SCHEMA', path, found: message ?? 'does not fit', fix };
  }
  const fields = fieldsAt(steps, kind);
  const meant = nearest(unknown, fields);
  const fix = meant === undefined ? `take it out; the fields are ${fields.join(', ')}` : `write "${meant}"`;
  return { code: 'SCHEMA', path: `${path}.${unknown}`, found: 'is not a field', fix };
}

/** A step of a JSON pointer (RFC 6901) as the name of a member. */
function unescapedStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The fields of what lies at a place in an object. */
function fieldsAt(steps: readonly string[], kind: string): readonly string[] {
  const [, whole] = Object.entries(schemas).find(([key]) => key.endsWith(`/${kind}`)) ?? [];
  const schema = steps.reduce<unknown>((each, step) => {
    const { properties, items, additionalProperties } = Object(pointedTo(each));
    return at(properties, step) ?? items ?? additionalProperties;
  }, whole);
  return Object.keys(Object(Object(pointedTo(schema)).properties));
}

/** A schema, or the one that it points to: only those of the Kubernetes API do, into its file of definitions. */
function pointedTo(schema: unknown): unknown {
  const pointer = at(schema, '$ref');
  if (typeof pointer !== 'string') return schema;
  // Read when a mistake is told of, and at no other start.
  const { definitions } = require('../../imports/kubernetes.json') as { definitions: unknown };
  return pointedTo(at(definitions, pointer.split('/').at(-1) ?? ''));
}
