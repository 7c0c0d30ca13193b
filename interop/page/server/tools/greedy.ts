import { defineTool, z } from '#tool';

export default defineTool({
  description: 'Show a page that tries everything its host forbids.',
  input: z.strictObject({}),
  output: z.string(),
  examples: [{ input: {}, output: 'shown' }],
  ui: 'greedy',
  run: () => 'shown',
});
