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
  [
    'no description',
    { description: undefined },
    'there is no description; say what the tool does, for a model that has to choose',
  ],
  ['no examples', { examples: undefined }, 'there is no example; a tool needs at least one'],
  ['no input', { input: undefined }, 'there is no input; a tool without parameters has z.strictObject({})'],
  ['an input of another kind', { input: z.string() }, 'the input is not an object schema; write z.strictObject({ … })'],
  ['an open input', { input: z.looseObject({}) }, 'the input is an open object; use z.strictObject'],
  ['no run', { run: undefined }, '`run` is missing: the function that implements the tool'],
  [
    'neither description nor examples',
    { description: undefined, examples: undefined },
    'there is no description; say what the tool does, for a model that has to choose; ' +
      'there is no example; a tool needs at least one',
  ],
])('a tool with %s is refused in words', (_what, changes, errors) => {
  // What the compiler would refuse, as it comes out of a bundle that was made without it.
  const definition = defineTool({ ...multiply, ...changes } as typeof multiply);
  expect(() => loadCatalog(recordedToolkit, new Map([['multiply', definition]]))).toThrow(
    new Error(`Cannot load the tools:\n  multiply: ${errors}`),
  );
});

test('a file name that is not a tool name is refused with the rule, together with every other error', () => {
  const definitions = new Map<string, unknown>([
    ['Multiply_It', defineTool(multiply)],
    ['divide', undefined],
    ['sum', {}],
    ['multiply', defineTool(multiply)],
  ]);
  expect(() => loadCatalog(recordedToolkit, definitions)).toThrow(
    new Error(
      'Cannot load the tools:\n' +
        '  Multiply_It: the file name is not a tool name; use lower case letters and digits in words joined by single ' +
        'underscores, such as multiply_it\n' +
        '  divide: there is no default export; write export default defineTool({ … })\n' +
        '  sum: the default export is not the result of defineTool',
    ),
  );
});
