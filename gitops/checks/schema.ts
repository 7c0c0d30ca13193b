import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import schemas from '../../imports/schemas.json';
import { nearest } from '../../servers/nearest';
import type { Problem } from '../../servers/problem';
import { type ObjectCheck, objectProblem } from './check';

/**
 * A custom resource has the fields that its definition names and no others, in the version that is served.
 * The Kubernetes API's own kinds are typed by the constructs and pass.
 */
export const schema: ObjectCheck = (object, file) => {
  const [group = '', version] = object.apiVersion.split('/');
  const known = Object.keys(schemas).find((key) => key.startsWith(`${group}/`) && key.endsWith(`/${object.kind}`));
  if (known === undefined) return [];
  const [, served = ''] = known.split('/');
  if (version !== served) {
    const found = `"${object.apiVersion}" is gone from current releases`;
    return [objectProblem('API-REMOVED', { object, file, path: 'apiVersion' }, found, `write ${group}/${served}`)];
  }
  const validate = compiled(known);
  return validate(object) ? [] : withoutEchoes(validate.errors ?? []).map((error) => problemOf(error, object, file));
};

const validators = new Map<string, ValidateFunction>();
let ajv: Ajv | undefined;

/** Compiled on first use: each takes some 10 ms. */
function compiled(key: string): ValidateFunction {
  ajv ??= new Ajv({ allErrors: true, strict: false, verbose: true, validateFormats: false, logger: false });
  const validator = validators.get(key) ?? ajv.compile(Reflect.get(schemas, key));
  validators.set(key, validator);
  return validator;
}

/** `anyOf` and `oneOf` report each branch and then themselves; the branches say it better. */
function withoutEchoes(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const plain = errors.filter(({ keyword }) => !['anyOf', 'oneOf', 'if'].includes(keyword));
  return plain.length > 0 ? plain : errors;
}

type Located = Parameters<typeof objectProblem>[1];

function problemOf(
  { instancePath, params, message, parentSchema }: ErrorObject,
  object: Located['object'],
  file: string,
): Problem {
  const path = instancePath.slice(1).replaceAll('/', '.') || 'the object';
  const unknown: unknown = params.additionalProperty;
  if (typeof unknown !== 'string') {
    return objectProblem(
      'SCHEMA',
      { object, file, path },
      message ?? 'does not fit',
      'correct it as its definition in imports/crds says',
    );
  }
  const fields = Object.keys(parentSchema?.properties ?? {});
  const meant = nearest(unknown, fields);
  const fix = meant === undefined ? `take it out; the fields are ${fields.join(', ')}` : `write "${meant}"`;
  return objectProblem('SCHEMA', { object, file, path: `${path}.${unknown}` }, 'is not a field', fix);
}
