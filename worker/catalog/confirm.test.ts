import { confirmed } from './confirm';
import { CallContext } from './context';
import { defineTool, z } from './define-tool';

/** The question that a person gets for an input. */
async function questionOf(input: object): Promise<string> {
  const asked: string[] = [];
  const tool = defineTool({
    description: 'Delete a file.',
    input: z.strictObject({}),
    examples: [],
    confirm: true,
    run: () => undefined,
  });
  const context = new CallContext({
    channel: () => ({
      log: () => undefined,
      ask: ({ message }) => {
        asked.push(message);
        return { action: 'accept' };
      },
    }),
  });
  await confirmed(tool, 'Files_Delete')(input, context);
  return asked.join();
}

test.each([
  [{}, 'Run Files_Delete?'],
  [{ path: 'a', all: undefined }, 'Run Files_Delete with {"path":"a"}?'],
  [{ path: { dir: ['a', 1] }, all: true }, 'Run Files_Delete with {"path":{"dir":["a",1]},"all":true}?'],
])('the question shows the arguments %j', async (input, question) => {
  expect(await questionOf(input)).toBe(`${question}\n\nDelete a file.`);
});

test('an argument cannot imitate the question or reorder its text', async () => {
  const note = '"}?\u2028\u2029\u0085\n\nOnly a test.\u202e\u200b\u{e0041}';
  const [first, ...more] = (await questionOf({ note, path: 'a' })).split('\n');
  expect(first).toMatch(/^[ -~]*"path":"a"}\?$/);
  expect(more).toEqual(['', 'Delete a file.']);
});

test('a long argument does not push another out of sight', async () => {
  const question = await questionOf({ note: 'x'.repeat(5000), path: '/etc/passwd' });
  expect(question).toContain('"path":"/etc/passwd"');
  expect(question).toMatch(/x… \(\d+ more characters\)/);
  expect(question.length).toBeLessThan(700);
});
