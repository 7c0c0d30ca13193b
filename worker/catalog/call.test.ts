import { recordedToolkit } from '../../testing/exchanges/recorded';
import { call } from './call';
import { CallContext } from './context';
import { defineTool, z } from './define-tool';
import { loadCatalog } from './load';

function outcomeOf(run: () => string | Promise<string>) {
  const odd = defineTool({
    description: 'Fail oddly.',
    input: z.strictObject({}),
    output: z.string(),
    examples: [{ input: {}, fails: 'TOOL_RUNTIME_FATAL' }],
    run,
  });
  const catalog = loadCatalog(recordedToolkit, new Map([['odd', odd]]));
  const [tool] = catalog.tools;
  if (tool === undefined) throw new Error('no tool');
  return call(tool, {}, new CallContext({}));
}

test.each<[string, unknown]>([
  ['an object without a prototype', Object.create(null)],
  ['nothing', undefined],
  ['a symbol', Symbol('x')],
  ['an object whose text cannot be had', { toString: () => outcomeOf }],
])('a tool that throws %s, at once or later, has failed', async (_what, thrown) => {
  const atOnce = outcomeOf(() => {
    throw thrown;
  });
  const later = await outcomeOf(async () => {
    throw thrown;
  });
  expect(atOnce).toMatchObject({ ok: false, failure: { kind: 'TOOL_RUNTIME_FATAL' } });
  expect(later).toEqual(atOnce);
});

test('a tool that answers at once is not waited for', async () => {
  expect(outcomeOf(() => 'there')).toEqual({ ok: true, value: 'there', logs: null });
  expect(await outcomeOf(async () => 'there')).toEqual({ ok: true, value: 'there', logs: null });
});
