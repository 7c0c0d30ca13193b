import { recordedToolkit } from '../../testing/exchanges/recorded';
import { defineTool, z } from './define-tool';
import { loadCatalog } from './load';

const multiply = {
  description: 'Multiply two whole numbers.',
  input: z.strictObject({ a: z.int().describe('The first.'), b: z.int().describe('The second.') }),
  output: z.int(),
  examples: [{ input: { a: 2, b: 3 }, output: 6 }],
  run: ({ a, b }: { a: number; b: number }) => a * b,
};

test.each<[what: string, changes: Partial<Record<keyof typeof multiply, unknown>>, errors: string]>([
  ['no description', { description: undefined }, 'the description is missing; models choose a tool by it'],
  ['no examples', { examples: undefined }, 'there is no example; a tool needs at least one'],
  ['no input', { input: undefined }, '`input` is missing; for a tool without parameters write z.strictObject({})'],
  ['a string as input', { input: z.string() }, 'the input is not an object schema; write z.strictObject({ … })'],
  ['an open input', { input: z.looseObject({}) }, 'the input is an open object; use z.strictObject'],
  ['no run', { run: undefined }, '`run` is missing: the function that implements the tool'],
  [
    'neither description nor examples',
    { description: undefined, examples: undefined },
    'the description is missing; models choose a tool by it; there is no example; a tool needs at least one',
  ],
])('rejects a tool with %s', (_what, changes, errors) => {
  // The compiler would reject these, but a bundle is built without type checking.
  const definition = defineTool({ ...multiply, ...changes } as typeof multiply);
  expect(() => loadCatalog(recordedToolkit, new Map([['multiply', definition]]))).toThrow(
    new Error(`Cannot load the tools:\n  multiply: ${errors}`),
  );
});

test('rejects an invalid file name with the rule, together with every other error', () => {
  const definitions = new Map<string, unknown>([
    ['Multiply_It', defineTool(multiply)],
    ['divide', undefined],
    ['sum', {}],
    ['multiply', defineTool(multiply)],
  ]);
  expect(() => loadCatalog(recordedToolkit, definitions)).toThrow(
    new Error(
      'Cannot load the tools:\n' +
        '  Multiply_It: the file name is not a valid tool name; use lowercase letters and digits in words joined by single ' +
        'underscores, such as multiply_it\n' +
        '  divide: there is no default export; write export default defineTool({ … })\n' +
        '  sum: the default export is not the result of defineTool',
    ),
  );
});
