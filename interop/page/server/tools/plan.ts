import { defineTool, image, RetryableToolError, withContent, z } from '#tool';

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPhfDwACggF/yoMH6QAAAABJRU5ErkJggg==';

/** Of every kind that a form has to ask for. */
export default defineTool({
  description: 'Say what was planned, step by step.',
  input: z.strictObject({
    title: z.string().min(1).describe('What it is called.'),
    days: z.int().min(1).max(30).describe('How long it takes.'),
    pace: z.enum(['slow', 'fast']).describe('How fast.'),
    note: z.string().optional().describe('What else there is to say.'),
    stops: z
      .array(z.strictObject({ city: z.string(), nights: z.int().nullable() }))
      .default([])
      .describe('Where to.'),
    travel: z
      .discriminatedUnion('by', [
        z.strictObject({ by: z.literal('train'), class: z.enum(['1', '2']) }),
        z.strictObject({ by: z.literal('car'), plate: z.string() }),
      ])
      .optional()
      .describe('How.'),
    labels: z.record(z.string(), z.string()).optional().describe('Any words for it.'),
  }),
  output: z.record(z.string(), z.unknown()),
  requires: { secrets: ['MAP_KEY'] },
  asks: true,
  logs: true,
  behavior: { readOnly: true },
  examples: [{ input: { title: 'x', days: 1, pace: 'slow' }, fails: 'TOOL_RUNTIME_FATAL' }],
  async run(plan, { progress, secrets, signal, ask, log }) {
    log('warning', `with ${secrets.get('MAP_KEY')}`, { stops: plan.stops.length });
    if (plan.title === 'open') {
      const { title, guests } = await ask(
        { title: z.string().describe('A name.'), guests: z.int().optional().describe('How many.') },
        'What is it called?',
      );
      await ask({}, `Plan ${title}?`);
      return { title, guests: guests ?? null };
    }
    progress(1, 2, `planning <b>${plan.title}</b>`);
    if (plan.title === 'vague') throw new RetryableToolError('Too vague', { additionalPromptContent: 'Name a place' });
    if (plan.title === 'endless') await new Promise((_, reject) => signal.addEventListener('abort', reject));
    progress(2, 2);
    return withContent(
      { ...plan, key: secrets.get('MAP_KEY').length },
      image(Buffer.from(pixel, 'base64'), 'image/png'),
    );
  },
});
