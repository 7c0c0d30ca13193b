import { defineTool, RetryableToolError, z } from '#tool';

// An example to edit: replace this list with a call to your system, and describe the result.
const runbooks = [
  { title: 'Restore a database', url: 'https://wiki.example.com/restore-a-database' },
  { title: 'Rotate a certificate', url: 'https://wiki.example.com/rotate-a-certificate' },
  { title: 'Restart a queue', url: 'https://wiki.example.com/restart-a-queue' },
];

export default defineTool({
  description: 'Find the runbooks whose title contains a text.',
  input: z.strictObject({
    text: z.string().min(1).describe('The text to look for, in any case.'),
    limit: z.int().min(1).max(50).default(10).describe('How many runbooks to return at most.'),
  }),
  output: z
    .array(z.strictObject({ title: z.string(), url: z.string() }))
    .describe('The runbooks, in no particular order.'),
  behavior: { operations: ['read'], readOnly: true },
  examples: [
    {
      input: { text: 'certificate' },
      output: [{ title: 'Rotate a certificate', url: 'https://wiki.example.com/rotate-a-certificate' }],
    },
    { input: { text: 'espresso' }, fails: 'TOOL_RUNTIME_RETRY' },
  ],
  run: ({ text, limit }) => {
    const found = runbooks.filter(({ title }) => title.toLowerCase().includes(text.toLowerCase()));
    if (found.length > 0) return found.slice(0, limit);
    throw new RetryableToolError(`No runbook has "${text}" in its title`, {
      additionalPromptContent: 'Try one word of the task, such as restore or rotate.',
    });
  },
});
