import { defineTool, z } from '#tool';

export default defineTool({
  description: 'Show a page that tries what its host forbids.',
  input: z.strictObject({}),
  output: z.string(),
  examples: [{ input: {}, output: 'shown' }],
  ui: 'greedy',
  run: () => 'shown',
});
