import { recordedToolkit } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { call } from './call';
import { CallContext } from './context';
import { loadCatalog } from './load';

const withFixtures = loadCatalog(recordedToolkit, readFixtureTools());
const examples = withFixtures.tools.flatMap((tool) =>
  tool.definition.examples.map((example, index) => ({ tool, example, index })),
);

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(withFixtures.tools.length);
});

test.each(examples)('$tool.name does what its example $index says', async ({ tool, example }) => {
  const outcome = await call(tool, example.input, new CallContext(example.context ?? {}));
  if ('fails' in example) expect(outcome).toMatchObject({ ok: false, failure: { kind: example.fails } });
  // The whole of it: the example is what people and models are shown.
  else expect([outcome.ok, outcome.ok && outcome.value]).toEqual([true, example.output]);
});
