import { defineTool, type Example, like, z } from './define-tool';
import { loadCatalog } from './load';
import { portableExamples } from './published';

/** The examples of one tool, as far as they can be carried. */
function carried(...examples: readonly Example<unknown, unknown>[]) {
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

test('an example keeps its place, its caller and its outcome', () => {
  expect(
    carried({ input: {}, output: 'a', context: { userId: 'u' } }, { input: {}, fails: 'TOOL_RUNTIME_FATAL' }),
  ).toEqual([
    { tool: 'Give', index: 0, input: {}, context: { userId: 'u' }, output: 'a' },
    { tool: 'Give', index: 1, input: {}, context: {}, fails: 'TOOL_RUNTIME_FATAL' },
  ]);
});

test('of a result that JSON would change no more is known than that there is one', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const results = [new Date(0), { a: undefined }, Number.NaN, 1n, circle, { at: like('noon') }];
  expect(carried(...results.map((output) => ({ input: {}, output })))).toEqual(
    results.map((_, index) => ({ tool: 'Give', index, input: {}, context: {} })),
  );
});

test('an example whose call JSON would change, or that has more to it than a call, is left out', () => {
  const stubbed = { input: {}, output: 'a', stubs: () => '' };
  expect(carried({ input: { at: new Date(0) }, output: 'a' }, stubbed, { input: {}, output: 'b' })).toMatchObject([
    { index: 2, output: 'b' },
  ]);
});
