import { endingOf, install, run } from './program';

const node = (script: string) => [process.execPath, ['-e', script]] as const;

test('a program that is not installed is named, with the way to install it', async () => {
  await expect(run('/nowhere/nginx', [])).rejects.toMatchObject({
    code: 'TOOL-MISSING',
    message: expect.stringContaining('Cannot run "nginx"'),
    fix: 'apt-get install nginx-light',
  });
  await expect(endingOf('no-such-program', [])).rejects.toMatchObject({ fix: 'install no-such-program' });
});

test('a program gets its input and its environment, and what it prints comes back', async () => {
  const echo = "process.stdin.on('data', (text) => process.stdout.write([process.env.WORD, text].join(' ')))";
  expect(await run(...node(echo), { input: 'there', env: { WORD: 'hello' } })).toBe('hello there');
});

test('a program that fails is reported with the end of what it said', async () => {
  const fails = node("console.error('the reason'); process.exit(3)");
  await expect(run(...fails)).rejects.toThrow(/ended with 3\nthe reason$/);
  expect(await endingOf(...fails)).toEqual({ code: 3, stdout: '', stderr: 'the reason\n' });
  await expect(install({ what: 'it', fix: 'do this' }, ...fails)).rejects.toMatchObject({
    code: 'TOOL-MISSING',
    message: 'Cannot install it\nthe reason',
    fix: 'do this',
  });
});

test('a program that is killed has no exit code', async () => {
  expect(await endingOf(...node("process.kill(process.pid, 'SIGKILL')"))).toMatchObject({ code: null });
});
