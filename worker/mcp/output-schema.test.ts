import Ajv2020 from 'ajv/dist/2020';
import { recordedName } from '../../testing/exchanges/recorded';
import { mcpHeaders, mcpServer } from '../../testing/worker/mcp-server';
import { defineTool, z } from '../catalog/define-tool';

const typed = z.strictObject({ a: z.int() });

const results: readonly (readonly [what: string, schema: z.ZodType, values: readonly unknown[]])[] = [
  ['text', z.string(), ['x', '']],
  ['text or null', z.string().nullable(), ['x', null]],
  ['a whole number or null', z.int().nullable(), [1, null]],
  ['a flag or null', z.boolean().nullable(), [false, null]],
  ['a choice or null', z.enum(['red', 'blue']).nullable(), ['red', null]],
  ['a list', z.array(z.string()), [['x'], []]],
  ['a list or null', z.array(z.int()).nullable(), [[1], null]],
  ['an object', typed, [{ a: 1 }]],
  ['an object or null', typed.nullable(), [{ a: 1 }, null]],
  ['a free object', z.record(z.string(), z.unknown()), [{ x: [1] }, {}]],
  ['a free object or null', z.record(z.string(), z.unknown()).nullable(), [{ x: 1 }, null]],
];

test.each(results)('the result validates against the listed output schema: %s', async (_what, output, values) => {
  for (const value of values) {
    const tool = defineTool({
      description: 'Answer.',
      input: z.strictObject({}),
      output,
      examples: [{ input: {}, output: value }],
      run: () => value,
    });
    const server = await mcpServer({ tools: new Map([['answer', tool]]) });
    const send = async (method: string, params: object) => {
      const payload = { jsonrpc: '2.0', id: 1, method, params };
      return (await server.app.inject({ method: 'POST', url: '/mcp', headers: mcpHeaders, payload })).json().result;
    };
    const { tools } = await send('tools/list', {});
    const result = await send('tools/call', { name: `${recordedName}_Answer`, arguments: {} });
    expect(result).toMatchObject({ isError: false, structuredContent: expect.any(Object) });
    const validate = new Ajv2020({ strict: false }).compile(tools[0].outputSchema);
    validate(result.structuredContent);
    expect(validate.errors).toBeNull();
    await server.app.close();
  }
});
