import { defineTool, z } from '#tool';

export default defineTool({
  order: 3,
  description: 'Report the identifier of the calling user.',
  input: z.strictObject({}),
  output: z.string(),
  examples: [
    { input: {}, context: { userId: 'user@example.com' }, output: 'user@example.com' },
    // The result is declared as text, so a call that carries no user fails (arcade-mcp-server 1.26.0 does the same).
    { input: {}, fails: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE' },
  ],
  run: (_input, { userId }) => userId,
});
