import { recordedToolkit } from '../../testing/exchanges/recorded';
import { call } from './call';
import { CallContext } from './context';
import { defineTool, z } from './define-tool';
import { loadCatalog } from './load';

function outcomeOf(run: () => string | Promise<string>) {
  const odd = defineTool({
    description: 'Fail.',
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
  ['an object whose toString fails', { toString: () => outcomeOf }],
])('a call fails when the tool throws %s, synchronously or asynchronously', async (_what, thrown) => {
  const sync = outcomeOf(() => {
    throw thrown;
  });
  const async = await outcomeOf(async () => {
    throw thrown;
  });
  expect(sync).toMatchObject({ ok: false, failure: { kind: 'TOOL_RUNTIME_FATAL' } });
  expect(async).toEqual(sync);
});

test('a synchronous tool returns its outcome synchronously', async () => {
  expect(outcomeOf(() => 'there')).toEqual({ ok: true, value: 'there', logs: null });
  expect(await outcomeOf(async () => 'there')).toEqual({ ok: true, value: 'there', logs: null });
});
