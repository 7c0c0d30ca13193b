import { setImmediate as turn } from 'node:timers/promises';
import { defineTool, z } from '../../worker/catalog/define-tool';

/** An async tool with a configurable delay, so that concurrent calls finish in another order. */
export const late = defineTool({
  description: 'Send the text back after some turns of the event loop.',
  input: z.strictObject({ text: z.string().describe('The text.'), turns: z.int().describe('How many turns.') }),
  output: z.string(),
  examples: [{ input: { text: 'hello', turns: 1 }, output: 'hello' }],
  run: async ({ text, turns }) => {
    for (let count = 0; count < turns; count += 1) await turn();
    return text;
  },
});
