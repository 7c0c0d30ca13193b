import { recordedToolkit } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { runExample } from './example';
import { loadCatalog } from './load';

const withFixtures = loadCatalog(recordedToolkit, readFixtureTools());
const examples = withFixtures.tools.flatMap((tool) =>
  tool.definition.examples.map((example, index) => ({ tool, example, index })),
);

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(withFixtures.tools.length);
});

test.each(examples)('example $index of $tool.name passes', async ({ tool, example }) => {
  const { expected, received } = await runExample(tool, example);
  expect(received).toEqual(expected);
});
