import { recordedName } from '../../testing/exchanges/recorded';
import { mcpHeaders, mcpServer } from '../../testing/worker/mcp-server';
import { testWorker } from '../../testing/worker/test-worker';
import { maxContentBytes } from './content';
import { audio, type ContentBlock, defineTool, embedded, image, resourceLink, withContent, z } from './define-tool';

const png = Buffer.from('89504e470d0a1a0a', 'hex');
const wav = Buffer.from('RIFF    WAVE');
const notes = { audience: ['user'], priority: 0.5 } as const;

const showing = (...blocks: readonly ContentBlock[]) =>
  defineTool({
    description: 'Shows more than its value.',
    input: z.strictObject({}),
    output: z.strictObject({ shown: z.int() }),
    examples: [{ input: {}, output: { shown: blocks.length } }],
    run: () => withContent({ shown: blocks.length }, ...blocks),
  });

/** The result that a client of a revision gets from a tool with content blocks. */
async function shown(blocks: readonly ContentBlock[], revision = '2025-11-25') {
  const server = await mcpServer({ tools: new Map([['show', showing(...blocks)]]) });
  const answer = await server.app.inject({
    method: 'POST',
    url: '/mcp',
    headers: { ...mcpHeaders, 'mcp-protocol-version': revision },
    payload: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: `${recordedName}_Show` } },
  });
  return answer.json().result;
}

const link = resourceLink({ uri: 'docs://guide', name: 'guide', title: 'Guide', mimeType: 'text/plain' });
const all = [
  image(png, 'image/png', notes),
  audio(wav, 'audio/wav'),
  link,
  embedded('docs://a', 'text/plain', 'Grüße'),
];

test('sends blocks after the value, and keeps the structured result unchanged', async () => {
  expect(await shown(all)).toEqual({
    content: [
      { type: 'text', text: '{"shown": 4}' },
      { type: 'image', data: png.toString('base64'), mimeType: 'image/png', annotations: notes },
      { type: 'audio', data: wav.toString('base64'), mimeType: 'audio/wav' },
      { type: 'resource_link', uri: 'docs://guide', name: 'guide', title: 'Guide', mimeType: 'text/plain' },
      { type: 'resource', resource: { uri: 'docs://a', mimeType: 'text/plain', text: 'Grüße' } },
    ],
    structuredContent: { shown: 4 },
    isError: false,
  });
});

test.each([
  ['2025-06-18', ['text', 'image', 'audio', 'resource_link', 'resource']],
  ['2025-03-26', ['text', 'image', 'audio', 'text', 'resource']],
  ['2024-11-05', ['text', 'image', 'text', 'text', 'resource']],
])('a client of %s gets only block types of that revision', async (revision, types) => {
  const { content } = await shown(all, revision);
  expect(content.map(({ type }: { type: string }) => type)).toEqual(types);
  if (types[3] === 'text') expect(content[3].text).toBe('Guide: docs://guide');
});

test.each([
  [
    'an image above the limit',
    image(Buffer.concat([png, Buffer.alloc(maxContentBytes)]), 'image/png'),
    'has 2097160 bytes',
  ],
  [
    'an image with the wrong media type',
    image(wav, 'image/png'),
    'The image is not image/png: its first bytes belong to another file type',
  ],
  ['an image of a text type', image(png, 'text/plain'), 'The image cannot have the media type "text/plain"'],
  [
    'bytes declared as text',
    embedded('a:b', 'text/plain', Buffer.from([0xff])),
    'The resource is not text/plain: it is not',
  ],
  ['a link with an invalid URI', resourceLink({ uri: 'guide', name: 'guide' }), 'an invalid URI: "guide"'],
  ['a priority of 2', image(png, 'image/png', { priority: 2 }), 'The priority 2 of the image must be from 0 to 1'],
])('the call fails for %s', async (_, block, error) => {
  const { isError, content } = await shown([block]);
  expect(isError).toBe(true);
  expect(content[0].text).toContain(
    `[TOOL_RUNTIME_BAD_OUTPUT_VALUE] ToolOutputError during execution of tool 'show': `,
  );
  expect(content[0].text).toContain(error);
});

test('an engine gets only the value, and a call with an invalid value still fails', async () => {
  const wrong = defineTool({
    description: 'Promises a whole number.',
    input: z.strictObject({}),
    output: z.int(),
    examples: [{ input: {}, fails: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE' }],
    run: async () => withContent(1.5, link),
  });
  const tools = new Map([
    ['show', showing(image(png, 'image/png'))],
    ['wrong', wrong],
  ]);
  const { app } = testWorker({ ARCADE_WORKER_SECRET: 's', ARCADE_AUTH_DISABLED: 'true' }, { tools });
  const call = async (name: string) => {
    const payload = { tool: { name, toolkit: recordedName }, inputs: {} };
    const headers = { host: 'localhost' };
    return (await app.inject({ method: 'POST', url: '/worker/tools/invoke', headers, payload })).json().output;
  };
  expect(await call('Show')).toEqual({ value: { shown: 1 }, logs: null, error: null, requires_authorization: null });
  expect((await call('Wrong')).error).toMatchObject({ kind: 'TOOL_RUNTIME_BAD_OUTPUT_VALUE' });
});
