import { defineTool, z } from '../catalog/define-tool';
import { loadCatalog } from '../catalog/load';
import { callLine } from './call-line';
import { exampleCall } from './example-call';

const definition = {
  description: 'Fixture.',
  input: z.strictObject({}),
  output: z.string(),
  examples: [{ input: {}, output: 'x' }],
  run: () => 'x',
} as const;
const requires = { secrets: ['API_KEY'], authorization: { provider: 'github' } } as const;
const spend = defineTool({ ...definition, requires });
const ask = defineTool({ ...definition, asks: true });
const toolkit = { name: 'any', version: '1.0.0', description: 'Any.' };

test('a tool with requirements is called with their variables, and one that asks a person is never called', () => {
  const call = exampleCall(loadCatalog(toolkit, new Map(Object.entries({ spend, ask }))));
  expect(call && callLine(call)).toBe('TOOL_SECRET_API_KEY=… TOOL_TOKEN_GITHUB=… npm run call -- spend');
  expect(exampleCall(loadCatalog(toolkit, new Map([['ask', ask]])))).toBeUndefined();
});
