import { toolkit } from '../toolkit';
import { CallContext } from './context';
import { loadCatalog, readToolFiles } from './load';

const catalog = loadCatalog(toolkit, readToolFiles());
const examples = catalog.tools.flatMap((tool) =>
  tool.definition.examples.map((example, index) => ({ tool, example, index })),
);

test('the folder of tools is the list of tools', () => {
  expect(catalog.tools.map(({ wireName }) => wireName)).toEqual(expect.arrayContaining(['Echo', 'Add', 'Whoami']));
  expect(examples.length).toBeGreaterThanOrEqual(catalog.tools.length);
});

test.each(examples)('$tool.name does what its example $index says', async ({ tool, example }) => {
  const outcome = await catalog.call(tool, example.input, new CallContext(example.context ?? {}));
  if ('fails' in example) expect(outcome).toMatchObject({ ok: false, failure: { kind: example.fails } });
  else expect(outcome).toEqual({ ok: true, value: example.output, logs: null });
});
