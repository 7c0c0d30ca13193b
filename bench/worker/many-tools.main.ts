import { recordedToolkit } from '../../testing/exchanges/recorded';
import { echo } from '../../testing/exchanges/vectors/server';
import { defineResource, defineTool, z } from '../../worker/catalog/define-tool';
import { loadCatalog } from '../../worker/catalog/load';
import { parseConfig } from '../../worker/config/config';
import { serve } from '../../worker/serve';
import { createLogger } from '../../worker/telemetry/log';
import { longResource, small } from './sizes';

// The worker with the number of tools given as its argument: echo, a tool whose input sets the length of its result, and
// realistic tools that are never called.
const [, , count = ''] = process.argv;

const sentence = 'Searches the records of the service, newest first, and returns those that match all that is given. ';

const answer = defineTool({
  description: 'Return text of the given length.',
  input: z.strictObject({ bytes: z.int().describe('The length in bytes.') }),
  output: z.string(),
  examples: [{ input: { bytes: 3 }, output: 'Sea' }],
  run: ({ bytes }) => sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes),
});

const described = <Schema extends z.ZodType>(schema: Schema, what: string) => schema.describe(`${what}. ${sentence}`);

const record = z.strictObject({
  id: z.int(),
  title: z.string(),
  state: z.enum(['open', 'waiting', 'done']),
  labels: z.array(z.string()),
  updatedAt: z.iso.datetime(),
});

const searchTool = () =>
  defineTool({
    description: sentence.repeat(3),
    input: z.strictObject({
      project: described(z.string().min(1).max(200), 'The project'),
      text: described(z.string(), 'What to look for'),
      state: described(z.enum(['open', 'waiting', 'done']).optional(), 'The state'),
      labels: described(z.array(z.string()).max(20).optional(), 'All of these labels'),
      assignee: described(z.email().optional(), 'Who works on it'),
      limit: described(z.int().min(1).max(100).optional(), 'How many at most'),
      isArchived: described(z.boolean().optional(), 'Whether to look into the archive'),
    }),
    output: z.strictObject({ records: z.array(record), next: z.string().nullable() }),
    examples: [{ input: { project: 'a', text: 'b' }, output: { records: [], next: null } }],
    behavior: { readOnly: true, openWorld: true, operations: ['read'] },
    run: () => ({ records: [], next: null }),
  });

const others = Array.from({ length: Number(count) - 2 }, (_, at) => [`search_records_${at}`, searchTool()] as const);
const long = defineResource({
  uri: longResource,
  mimeType: 'text/plain',
  text: sentence.repeat(small).slice(0, small),
});
const sources = new Map<string, unknown>([...others, ['echo', echo], ['answer', answer], ['resources/long', long]]);
const config = parseConfig(process.env);
void serve(config, loadCatalog(recordedToolkit, sources), createLogger(config));
