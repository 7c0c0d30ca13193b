import { endingOf, install, run } from './program';

const node = (script: string) => [process.execPath, ['-e', script]] as const;

test('names a missing program and how to install it', async () => {
  await expect(run('/nowhere/nginx', [])).rejects.toMatchObject({
    code: 'TOOL-MISSING',
    message: expect.stringContaining('Cannot run "nginx"'),
    fix: 'apt-get install nginx-light',
  });
  await expect(endingOf('no-such-program', [])).rejects.toMatchObject({ fix: 'install no-such-program' });
});

test('passes input and environment to a program, and returns its output', async () => {
  const echo = "process.stdin.on('data', (text) => process.stdout.write([process.env.WORD, text].join(' ')))";
  expect(await run(...node(echo), { input: 'there', env: { WORD: 'hello' } })).toBe('hello there');
});

test('reports a failed program with the end of its output', async () => {
  const fails = node("console.error('the reason'); process.exit(3)");
  await expect(run(...fails)).rejects.toThrow(/ended with 3\nthe reason$/);
  expect(await endingOf(...fails)).toEqual({ code: 3, stdout: '', stderr: 'the reason\n' });
  await expect(install({ what: 'it', fix: 'do this' }, ...fails)).rejects.toMatchObject({
    code: 'TOOL-MISSING',
    message: 'Cannot install it\nthe reason',
    fix: 'do this',
  });
});

test('a killed program has no exit code', async () => {
  expect(await endingOf(...node("process.kill(process.pid, 'SIGKILL')"))).toMatchObject({ code: null });
});
