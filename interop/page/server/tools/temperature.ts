import { defineTool, z } from '#tool';

export default defineTool({
  description: 'Get the temperature in a city.',
  input: z.strictObject({ city: z.string().describe('The city.') }),
  output: z.strictObject({ city: z.string(), celsius: z.int() }),
  examples: [{ input: { city: 'Oslo' }, output: { city: 'Oslo', celsius: 4 } }],
  ui: 'card',
  run: ({ city }) => ({ city, celsius: city.length }),
});
