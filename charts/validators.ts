import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone';

/**
 * The schemas as JavaScript, by file name: a module a kind, and an index that loads each when it is asked for. Compiling
 * them at every start of synth would take longer than everything else it does with one server.
 * @param schemas by `<group>/<version>/<kind>`
 * @param shared a schema with an `$id` that they point into
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
