import { defineTool, type Example, like, z } from './define-tool';
import { loadCatalog } from './load';
import { portableExamples } from './published';

/** The portable examples of one tool. */
function portable(...examples: readonly Example<unknown, unknown>[]) {
  const { run: _, ...definition } = defineTool({
    description: 'Give a value.',
    input: z.strictObject({}),
    output: z.string(),
    examples: [{ input: {}, output: '' }],
    run: () => '',
  });
  const tool = defineTool({ ...definition, examples: examples as never, run: () => '' });
  return portableExamples(
    loadCatalog({ name: 'values', version: '1.0.0', description: '' }, new Map([['give', tool]])),
  );
}

test('keeps the index, the context and the outcome of an example', () => {
  expect(
    portable({ input: {}, output: 'a', context: { userId: 'u' } }, { input: {}, fails: 'TOOL_RUNTIME_FATAL' }),
  ).toEqual([
    { tool: 'Give', index: 0, input: {}, context: { userId: 'u' }, output: 'a' },
    { tool: 'Give', index: 1, input: {}, context: {}, fails: 'TOOL_RUNTIME_FATAL' },
  ]);
});

test('omits an output that JSON would change', () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const results = [new Date(0), { a: undefined }, Number.NaN, 1n, circular, { at: like('noon') }];
  expect(portable(...results.map((output) => ({ input: {}, output })))).toEqual(
    results.map((_, index) => ({ tool: 'Give', index, input: {}, context: {} })),
  );
});

test('skips an example whose call JSON would change, and one with a fake', () => {
  const stubbed = { input: {}, output: 'a', stubs: () => '' };
  expect(portable({ input: { at: new Date(0) }, output: 'a' }, stubbed, { input: {}, output: 'b' })).toMatchObject([
    { index: 2, output: 'b' },
  ]);
});
