import { defineTool, z } from '#tool';

const dayMs = 24 * 60 * 60 * 1000;

export default defineTool({
  description:
    'Count the days from one date to another. The count is negative when the second date is the earlier one.',
  input: z.strictObject({
    from: z.iso.date().describe('The date to count from, such as 2026-01-31.'),
    to: z.iso.date().describe('The date to count to.'),
  }),
  output: z.int().describe('The number of days.'),
  behavior: { operations: ['read'], readOnly: true, openWorld: false },
  examples: [
    // 2028 is a leap year, 2027 is not.
    { input: { from: '2028-02-28', to: '2028-03-01' }, output: 2 },
    { input: { from: '2027-03-01', to: '2027-02-28' }, output: -1 },
    { input: { from: '2027-02-29', to: '2027-03-01' }, fails: 'TOOL_RUNTIME_BAD_INPUT_VALUE' },
  ],
  run: ({ from, to }) => (Date.parse(to) - Date.parse(from)) / dayMs,
});
