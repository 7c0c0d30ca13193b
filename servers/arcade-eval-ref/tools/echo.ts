import { defineTool, z } from '#tool';

export default defineTool({
  order: 1,
  description: 'Send the given text back unchanged.',
  input: z.strictObject({ message: z.string().describe('The text to send back.') }),
  output: z.string(),
  examples: [
    { input: { message: 'hello' }, output: 'hello' },
    { input: { message: '' }, output: '' },
  ],
  run: ({ message }) => message,
});
