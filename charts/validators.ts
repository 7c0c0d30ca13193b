import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone';

/**
 * Compiles the schemas to JavaScript, by file name: a module per kind, and an index that loads each on demand. Compiling
 * them whenever synth starts would take longer than the rest of its work on one server.
 * @param schemas by `<group>/<version>/<kind>`
 * @param shared a schema with an `$id` that they refer to
 */
export function validatorsOf(schemas: Readonly<Record<string, object>>, shared: object): ReadonlyMap<string, string> {
  const options = { allErrors: true, strict: false, validateFormats: false, logger: false } as const;
  const modules = Object.entries(schemas).map(([key, schema]) => {
    const ajv = new Ajv({ ...options, schemas: [shared], code: { source: true } });
    return [`${kindOf(key)}.js`, `${standaloneCode(ajv, ajv.compile(schema))}\n`] as const;
  });
  const kinds = Object.keys(schemas).map(kindOf);
  const getters = kinds.map((kind) => `  get ${kind}() {\n    return require('./${kind}');\n  },\n`);
  const types = kinds.map((kind) => `export const ${kind}: ValidateFunction;\n`);
  return new Map([
    ...modules,
    ['index.js', `module.exports = {\n${getters.join('')}};\n`],
    ['index.d.ts', `import type { ValidateFunction } from 'ajv';\n\n${types.join('')}`],
  ]);
}

function kindOf(key: string): string {
  return key.split('/').at(-1) ?? '';
}
