import { defineTool, z } from '#tool';

export default defineTool({
  order: 2,
  description: 'Add two whole numbers.',
  input: z.strictObject({
    a: z.int().describe('The first number.'),
    b: z.int().describe('The second number.'),
  }),
  output: z.int(),
  examples: [
    { input: { a: 2, b: 3 }, output: 5 },
    // A sum that a double cannot hold is refused, never rounded.
    { input: { a: Number.MAX_SAFE_INTEGER, b: 1 }, fails: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE' },
  ],
  run: ({ a, b }) => a + b,
});
